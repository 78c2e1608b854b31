/** Proofs, each with a table, and an exit code that is not 0 when something is violated: `npm run verify:model [-- SEED]`. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtRootfs } from '../cli/rootfs.ts';
import { table } from '../cli/output/table.ts';
import { linuxPlatform } from '../platforms/linux/index.ts';
import { memoryPlatform } from '../platforms/memory/index.ts';
import { Coverage } from './coverage/coverage.ts';
import { drawCoverage, drawnEdges } from './coverage/draw-coverage.ts';
import { explore, type Exploration } from './charts/explore.ts';
import { subjects } from './charts/subjects.ts';
import { atOnce, oneAfterAnother } from './lives/properties.ts';

const root = join(import.meta.dirname, '../..');

const print = (text: string): void => void process.stdout.write(`${text}\n`);

const [what, seedText, ...rest] = process.argv.slice(2);
const seed = seedText === undefined ? Date.now() % 1_000_000 : Number(seedText);
if (what !== 'model' || rest.length > 0 || !Number.isInteger(seed))
  throw new Error('usage: npm run verify:model [-- SEED]');

const areSound = charts();
const areWell = await lives();
if (!areSound || !areWell) process.exitCode = 1;

/** Purely. */
function charts(): boolean {
  print('All that each chart can come to, with two requesters at a time\n');
  const explored = Object.entries(subjects).map(([name, subject]) => [name, explore(subject)] as const);
  const head = ['chart', 'snapshots', 'steps', 'refused', 'edges', 'of', 'pairs', 'violations'];
  const rows = explored.map(([name, one]) => [
    ...[name, String(one.places), String(one.steps), String(one.refused), String(one.edges.size)],
    ...[String(one.known.size), String(one.pairs.size), String(one.violations.length)],
  ]);
  print(table(head, rows).trimEnd());
  for (const [name, { known, edges, violations }] of explored) {
    for (const edge of known) if (!edges.has(edge)) print(`${name}: never taken: ${edge}`);
    for (const { what: why, path } of violations) print(`${name}: ${why}\n  ${path.join('\n  ')}`);
  }
  return explored.every(([, one]) => isProven(one));
}

function isProven({ known, edges, violations }: Exploration): boolean {
  return violations.length === 0 && [...known].every((edge) => edges.has(edge));
}

/** Over the control socket. */
async function lives(): Promise<boolean> {
  print(`\nRandom lives of sandboxes, over the control socket (seed ${seed})\n`);
  const platforms = [
    { platform: memoryPlatform(), rootfs: '/', runs: 150 },
    ...(canRun() ? [{ platform: linuxPlatform(), rootfs: builtRootfs, runs: 12 }] : []),
  ];
  const results = [];
  const coverages = new Map(platforms.map(({ platform }) => [platform.name, new Coverage()]));
  for (const one of platforms)
    for (const [clients, property] of [
      ['one', oneAfterAnother],
      ['2 to 8', atOnce],
    ] as const)
      results.push({
        name: one.platform.name,
        clients,
        ...(await property({ ...one, seed, ...coverageOf(coverages, one.platform.name) })),
      });
  const head = ['platform', 'clients', 'lives', 'commands', 'refused', 'went wrong'];
  const rows = results.map(({ name, clients, lives: count, commands, refused, failure }) => [
    ...[
      name,
      clients,
      String(count),
      String(commands),
      String(refused),
      failure === undefined ? 'none' : 'yes',
    ],
  ]);
  print(table(head, rows).trimEnd());
  for (const { name, clients, failure } of results)
    if (failure !== undefined) print(`${name}, ${clients} clients: ${failure}`);
  for (const [name, coverage] of coverages) draw(name, coverage);
  if (!canRun()) print('not on the real platform: that needs root, and a root file system (npm run setup)');
  return results.every(({ failure }) => failure === undefined);
}

function coverageOf(
  coverages: ReadonlyMap<string, Coverage>,
  name: string,
): { readonly coverage?: Coverage } {
  const coverage = coverages.get(name);
  return coverage === undefined ? {} : { coverage };
}

/** Draws on the charts what was taken, and tells how much that is of what the drawings show. */
function draw(platform: string, coverage: Coverage): void {
  const folder = join(root, 'build/coverage', platform);
  mkdirSync(folder, { recursive: true });
  const rows = ['sandbox', 'container', 'process'].map((kind) => {
    const svg = readFileSync(join(root, 'diagrams', `${kind}.svg`), 'utf8');
    writeFileSync(join(folder, `${kind}.svg`), drawCoverage(svg, kind, coverage));
    const { taken, all } = drawnEdges(svg, kind, coverage);
    return [kind, String(taken), String(all)];
  });
  print(
    `\nEdges that these lives took, of those drawn, platform ${platform} (build/coverage/${platform}/)\n`,
  );
  print(table(['chart', 'taken', 'drawn'], rows).trimEnd());
}

function canRun(): boolean {
  return process.getuid?.() === 0 && existsSync(builtRootfs);
}
