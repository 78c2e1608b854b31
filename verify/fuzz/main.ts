/** `npm run fuzz [-- --seconds N --target NAME --seed S --input FILE]`: inputs that nobody would write, to all that reads some. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { table } from '../../cli/output/table.ts';
import { keep } from './corpus.ts';
import { fuzz, wrong, type FuzzResult } from './fuzz.ts';
import { targets } from './targets/index.ts';

const usage = 'usage: npm run fuzz [-- --seconds N --target NAME --seed S --input FILE]';
const print = (text: string): void => void process.stdout.write(`${text}\n`);

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '120' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    target: { type: 'string' },
    input: { type: 'string' },
  },
});
const [seconds, seed] = [Number(values.seconds), Number(values.seed)];
const chosen = targets.filter(({ name }) => values.target === undefined || name.includes(values.target));
if (!(seconds > 0) || !Number.isInteger(seed) || chosen.length === 0)
  throw new Error(`${usage}; targets: ${targets.map(({ name }) => name).join(', ')}`);

if (values.input === undefined) await all();
else await one(readFileSync(values.input));

/** Each for its share of the time. */
async function all(): Promise<void> {
  print(`Inputs for ${seconds} s in all (seed ${seed})\n`);
  const results: FuzzResult[] = [];
  for (const target of chosen)
    results.push(await fuzz(target, { time: (seconds * 1000) / chosen.length, seed }));
  const head = ['what reads them', 'inputs', 'a second', 'blocks reached', 'of use', 'violations'];
  const rows = results.map(({ target, tried, took, blocks, found, violation }) => [
    ...[target, String(tried), String(Math.round((tried * 1000) / took)), String(blocks)],
    ...[String(found.length), violation === undefined ? '0' : '1'],
  ]);
  print(table(head, rows).trimEnd());
  for (const { target, violation } of results) {
    if (violation === undefined) continue;
    const file = keep(join(import.meta.dirname, '../../../build/fuzz'), violation.input);
    print(
      `\n${target}: ${violation.why}\nagain by: npm run fuzz -- --target ${JSON.stringify(target)} --input ${file}`,
    );
    process.exitCode = 1;
  }
}

/** One that is had again. */
async function one(input: Buffer): Promise<void> {
  for (const target of chosen) {
    const opened = await target.open();
    const why = await wrong(opened, input);
    await opened.close();
    print(`${target.name}: ${why ?? 'it is read, or refused'}`);
    if (why !== undefined) process.exitCode = 1;
  }
}
