/** How tests wait: always with an end. */
import { setTimeout as after } from 'node:timers/promises';

/** Long enough for a busy machine. */
export const soon = (ms = 20_000): AbortSignal => AbortSignal.timeout(ms);

/** Waits until it is true; throws after 10 s. */
export async function until(what: () => boolean | Promise<boolean>, why: string): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await what())) {
    if (performance.now() > deadline) throw new Error(why);
    await after(2);
  }
}
