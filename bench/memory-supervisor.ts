/** A supervisor with idle containers, for bench/memory.ts: `memory-supervisor COUNT` prints its heap and RSS in bytes. */
import { setTimeout as after } from 'node:timers/promises';
import { withIdleContainers } from './idle-sandbox.ts';

const count = Number(process.argv[2]);
const { gc } = globalThis;
if (!Number.isInteger(count) || gc === undefined) {
  throw new Error('usage: node --expose-gc memory-supervisor.js COUNT');
}
await withIdleContainers(count, async () => {
  // What their making left for later is done by then.
  for (let turn = 0; turn < 5; turn++) {
    await after(20);
    gc();
  }
  const { heapUsed, rss } = process.memoryUsage();
  process.stdout.write(`${heapUsed} ${rss}\n`);
});
