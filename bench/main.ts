/** Measures this machine and prints tables: `npm run bench [-- checkpoint | cli | inspector | recovery]`. One run; medians and 99th percentiles, in ms. */
import { cpus, release, totalmem } from 'node:os';
import { checkpoints } from './checkpoint.ts';
import { commandLines } from './cli.ts';
import { busyboxRoot } from './rootfs.ts';
import { inspected } from './inspector.ts';
import { lifecycles } from './lifecycle.ts';
import { memory } from './memory.ts';
import { recoveries } from './recovery.ts';
import { roundTrips } from './round-trip.ts';
import { table } from './table.ts';

const print = (text: string): void => void process.stdout.write(`${text}\n`);

print(
  `Node ${process.version}, Linux ${release()}, ${cpus().length} processors, ${(totalmem() / 2 ** 30).toFixed(0)} GiB\n`,
);

const [what, ...rest] = process.argv.slice(2);
const benches = { control, checkpoint, cli, inspector, recovery };
const wanted = Object.entries(benches).find(([name]) => name === (what ?? 'control'));
if (rest.length > 0 || wanted === undefined)
  throw new Error('usage: npm run bench [-- checkpoint | cli | inspector | recovery]');
await wanted[1]();

function cli(): void {
  print('The command line, medians of 20 (ms)');
  const head = ['command', 'runstate', 'without node', 'and without runc', 'runc', 'runsc'];
  print(table([head, ...commandLines(20, busyboxRoot())]));
}

async function inspector(): Promise<void> {
  print(
    'Transitions a second of a sandbox of 100 containers that is watched (medians of 9, in memory: the charts alone)',
  );
  print(table([['observers', 'transitions/s', 'of that without'], ...(await inspected(9))]));
}

async function recovery(): Promise<void> {
  print("From a supervisor's death until its successor has told the states of all containers (10 times, ms)");
  print(table([['containers', 'median', 'longest'], ...(await recoveries([1, 10, 100], 10, busyboxRoot()))]));
}

async function control(): Promise<void> {
  print('Control round trip, from a client in another process (ms)');
  print(table([['call', 'median', 'p99', 'calls'], ...(await roundTrips(2000))]));

  print('\nLife of a container, through a supervisor and by the bare runtime in turn (ms)');
  const head = ['step', 'median', 'p99', 'runc', 'p99', 'ratio', 'overhead'];
  print(table([head, ...(await lifecycles(50, busyboxRoot()))]));

  print('\nMemory of a supervisor with idle containers (on the in-memory platform: the actors alone)');
  print(table([['containers', 'heap KiB', 'KiB each', 'RSS MiB'], ...(await memory([1, 100, 1000]))]));
}

async function checkpoint(): Promise<void> {
  const loads = [1, 3].flatMap((containers) =>
    [10, 100, 500].map((megabytes) => ({ containers, megabytes })),
  );
  const { totals, saving, loading } = await checkpoints(10, loads, busyboxRoot());
  print(
    'Checkpoint (left running) and restore, medians of 10, and by the bare runtime one container after another (ms)',
  );
  const sides = ['runc', 'ratio'];
  print(table([['memory', 'checkpoint', ...sides, 'stood still', 'of it', 'restore', ...sides], ...totals]));
  print('\nPhases of a checkpoint (ms): dump is memory and files; write has the hash in it');
  print(table([['memory', 'freeze', 'dump', 'thaw', 'write'], ...saving]));
  print('\nPhases of a restore (ms): read has the verification in it, load the overlays');
  print(table([['memory', 'read', 'load', 'thaw'], ...loading]));
}
