import type { Logger } from '../../log/logger.ts';
import { sampleHeap } from '../../profiling/heap.ts';

/** In ms: whoever waits for a container is served first. */
const delay = 1000;

/** So that a heap profile that is asked for later shows what a supervisor has held since its first second. */
export function sampleHeapSoon(log: Logger): void {
  setTimeout(() => {
    sampleHeap().catch((cause: unknown) => log.warn('the heap cannot be sampled', { cause }));
  }, delay).unref();
}
