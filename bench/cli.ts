/** How long a user waits for the command line, beside runc's and runsc's own. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultSpec, stringifyExact } from '../oci/index.ts';
import type { ContainerSpec } from '../oci/types.ts';
import { Measurements } from './measure.ts';
import { summarize } from './statistics.ts';
import { ms } from './table.ts';

const program = fileURLToPath(new URL('../../bin/runstate.cjs', import.meta.url));

interface Tool {
  readonly name: string;
  /** The command without its arguments. */
  readonly command: readonly string[];
}

/** The same question to each: a container that runs. */
const commands: Readonly<Record<string, (id: string) => readonly string[]>> = {
  state: (id) => ['state', id],
  list: () => ['list'],
  exec: (id) => ['exec', id, '/bin/true'],
};

/** Rows of: command, runstate's median, that without Node's own start, runc's, runsc's. */
export function commandLines(rounds: number, rootfs: string): readonly (readonly string[])[] {
  const directory = mkdtempSync(join(tmpdir(), 'runstate-bench-'));
  // Each its own: control sockets have names that are the machine's.
  const idOf = ({ name }: Tool): string => `cli-${name}-${process.pid}`;
  const tools = toolsIn(directory);
  const measured = new Measurements();
  try {
    for (const tool of tools)
      run([
        ...tool.command,
        'run',
        '--detach',
        '--bundle',
        bundleOf(directory, tool.name, rootfs),
        idOf(tool),
      ]);
    const nothing = join(directory, 'nothing.cjs');
    writeFileSync(nothing, '');
    // In turn, so that what else the machine does hits all alike.
    for (let round = 0; round < rounds; round++) {
      time(measured, 'node', [process.execPath, nothing]);
      for (const [what, args] of Object.entries(commands))
        for (const tool of tools)
          time(measured, `${tool.name} ${what}`, [...tool.command, ...args(idOf(tool))]);
    }
  } finally {
    for (const tool of tools) {
      const [file = '', ...args] = tool.command;
      spawnSync(file, [...args, 'delete', '--force', idOf(tool)]);
    }
    rmSync(directory, { recursive: true, force: true });
  }
  const median = (name: string): number => summarize(measured.of(name)).median;
  const shown = (name: string): string =>
    tools.some((tool) => name.startsWith(`${tool.name} `)) ? ms(median(name)) : 'none';
  return [
    ['(node alone)', ms(median('node')), '', '', '', ''],
    ...Object.keys(commands).map((what) => {
      const own = median(`runstate ${what}`);
      return [
        what,
        ...[ms(own), ms(own - median('node'))],
        ...[ms(own - median('node') - (what === 'exec' ? median('runc exec') : 0))],
        ...[shown(`runc ${what}`), shown(`runsc ${what}`)],
      ];
    }),
  ];
}

function toolsIn(directory: string): readonly Tool[] {
  const runsc = ['runsc', '--platform=ptrace', '--network=none', '--ignore-cgroups'];
  const hasRunsc = spawnSync('runsc', ['--version']).status === 0;
  return [
    { name: 'runstate', command: [process.execPath, program, '--root', join(directory, 'runstate')] },
    { name: 'runc', command: ['runc', '--root', join(directory, 'runc')] },
    ...(hasRunsc ? [{ name: 'runsc', command: [...runsc, '--root', join(directory, 'runsc')] }] : []),
  ];
}

function bundleOf(directory: string, name: string, rootfs: string): string {
  const bundle = join(directory, `bundle-${name}`);
  mkdirSync(bundle);
  const spec = defaultSpec({ args: ['sleep', '600'], rootfs });
  // runsc knows fewer mounts and no seccomp of the kernel's.
  const { linux, mounts, ...rest } = spec;
  const small: ContainerSpec = {
    ...rest,
    mounts: (mounts ?? []).filter(({ destination }) => destination === '/proc'),
    linux: { namespaces: linux?.namespaces ?? [] },
  };
  writeFileSync(join(bundle, 'config.json'), stringifyExact(name === 'runsc' ? small : spec));
  return bundle;
}

function time(measured: Measurements, name: string, command: readonly string[]): void {
  const begun = performance.now();
  run(command);
  measured.add(name, performance.now() - begun);
}

function run([file = '', ...args]: readonly string[]): void {
  const { status, signal } = spawnSync(file, args, { stdio: 'ignore', timeout: 60_000 });
  if (status !== 0)
    throw new Error(`${file} ${args.join(' ')}: ${signal ?? `exit code ${status ?? 'unknown'}`}`);
}
