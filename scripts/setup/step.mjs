// What a step of the set-up is, and how one is run: silent when there is nothing to do, else one line with its time.
import { performance } from 'node:perf_hooks';

/** Something that the user can mend: shown without a stack. */
export class SetupError extends Error {
  name = 'SetupError';
}

/**
 * Runs one step. A step is `{ name, pending(root), perform(root, note) }`: `pending` says what there is to do
 * (undefined: nothing) and must be quick; `perform` does it, and may print lines by `note`.
 */
export async function step({ name, pending, perform }, root) {
  const work = await pending(root);
  if (work === undefined) return;
  console.log(`setup: ${name}: ${work} …`);
  const start = performance.now();
  const result = await perform(root, (line) => console.log(`setup: ${name}: ${line}`));
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`setup: ${name}: ${result ?? 'done'} (${seconds} s)`);
}
