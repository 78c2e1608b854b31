/**
 * A sandbox on the in-memory platform whose charts move as fast as they can, for bench/inspector.ts:
 * `observed-supervisor CONTAINERS`. It prints its root, then for each line of input how many transitions there were in a
 * second. It ends with its input.
 */
import { createInterface } from 'node:readline';
import { pauseSandbox, resumeSandbox } from '../actors/operations/pause-sandbox.ts';
import type { SandboxSystem } from '../actors/sandbox/sandbox-system.ts';
import { call, withIdleContainers } from './idle-sandbox.ts';

const count = Number(process.argv[2]);
if (!Number.isInteger(count)) throw new Error('usage: observed-supervisor CONTAINERS');
await withIdleContainers(count, async (system, root) => {
  await moveFor(system, 2000);
  process.stdout.write(`${root}\n`);
  for await (const line of createInterface({ input: process.stdin }))
    if (line !== '') process.stdout.write(`${await moveFor(system, 1000)}\n`);
});

/** Pauses and resumes it for so long. Gives how many transitions a second there were. */
async function moveFor(system: SandboxSystem, ms: number): Promise<number> {
  let moves = 0;
  const stop = system.observe(() => (moves += 1));
  const begun = performance.now();
  try {
    while (performance.now() - begun < ms) {
      await pauseSandbox(system, call);
      await resumeSandbox(system, call);
    }
  } finally {
    stop();
  }
  return Math.round((moves * 1000) / (performance.now() - begun));
}
