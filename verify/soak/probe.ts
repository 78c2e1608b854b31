/**
 * Loaded into the supervisor of a soak, before all else: tells over the channel to its parent what it uses, when garbage
 * has been collected. Needs --expose-gc. Keeps nothing alive.
 */
import { setTimeout as after } from 'node:timers/promises';
import { getHeapCodeStatistics } from 'node:v8';

/** What a supervisor says of itself. Bytes. */
export interface Probed {
  /** In use, without code: V8 compiles and optimizes more for hours, up to all that there is. */
  readonly heap: number;
  /** Of compiled code. */
  readonly code: number;
  /** Outside of the heap: buffers, and what the addon has told V8 of. */
  readonly external: number;
  readonly rss: number;
  /** Of libuv's, those of the addon among them. */
  readonly handles: number;
  /** Of the process's own events. */
  readonly listeners: number;
}

process.on('message', () => void answer());
// After the listener, which would keep it alive.
process.channel?.unref();

async function answer(): Promise<void> {
  // What one collection frees may hold more, by finalizers that run later.
  for (let turn = 0; turn < 4; turn++) {
    globalThis.gc?.();
    await after(20);
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  const { code_and_metadata_size: machine, bytecode_and_metadata_size: bytes } = getHeapCodeStatistics();
  const code = machine + bytes;
  const listeners = process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);
  const probed: Probed = { heap: heapUsed - code, code, external, rss, handles: handles(), listeners };
  process.send?.(probed);
}

/** By the report that Node writes of itself: what else it offers does not know an addon's handles. */
function handles(): number {
  const report: object = process.report.getReport();
  if ('libuv' in report && Array.isArray(report.libuv)) return report.libuv.length;
  throw new Error('a report of Node has no handles');
}
