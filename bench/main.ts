/** Measures this machine and prints tables: `npm run bench`. One run; medians and 99th percentiles, in ms. */
import { cpus, release, totalmem } from 'node:os';
import { busyboxRoot } from './rootfs.ts';
import { lifecycles } from './lifecycle.ts';
import { memory } from './memory.ts';
import { roundTrips } from './round-trip.ts';
import { table } from './table.ts';

const print = (text: string): void => void process.stdout.write(`${text}\n`);

print(
  `Node ${process.version}, Linux ${release()}, ${cpus().length} processors, ${(totalmem() / 2 ** 30).toFixed(0)} GiB\n`,
);

print('Control round trip, from a client in another process (ms)');
print(table([['call', 'median', 'p99', 'calls'], ...(await roundTrips(2000))]));

print('\nLife of a container, through a supervisor and by the bare runtime in turn (ms)');
const head = ['step', 'median', 'p99', 'runc', 'p99', 'ratio', 'overhead'];
print(table([head, ...(await lifecycles(50, busyboxRoot()))]));

print('\nMemory of a supervisor with idle containers (on the in-memory platform: the actors alone)');
print(table([['containers', 'heap KiB', 'KiB each', 'RSS MiB'], ...(await memory([1, 100, 1000]))]));
