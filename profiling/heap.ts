import type { HeapProfiler } from 'node:inspector';
import { CallTree, type Frame, type PprofSample } from './pprof.ts';
import { inspectorSession } from './session.ts';

/** One allocation in so many bytes, on average. A supervisor's heap is a few dozen megabytes. */
const samplingInterval = 64 * 1024;

/** From now on allocations are sampled: what was allocated before is in no profile. Idempotent. */
export function sampleHeap(): Promise<void> {
  sampling ??= inspectorSession().post('HeapProfiler.startSampling', { samplingInterval });
  return sampling;
}

let sampling: Promise<void> | undefined;

/**
 * What lives on the heap now and was allocated since {@link sampleHeap}, by where, after a garbage collection; in
 * pprof's format, gzipped: bytes, as Go's runtime/pprof has them in `inuse_space`.
 */
export async function heapProfile(): Promise<Uint8Array> {
  const session = inspectorSession();
  await session.post('HeapProfiler.collectGarbage');
  const { profile } = await session.post('HeapProfiler.getSamplingProfile');
  return new CallTree(heapSamples(profile)).encode({
    types: [['inuse_space', 'bytes']],
    period: ['space', 'bytes', samplingInterval],
    durationNanos: 0,
  });
}

function heapSamples({ head }: HeapProfiler.SamplingHeapProfile): readonly PprofSample[] {
  const found: PprofSample[] = [];
  // Without recursion: a stack of calls may be deep.
  const waiting: { node: HeapProfiler.SamplingHeapProfileNode; above: readonly Frame[] }[] = [
    { node: head, above: [] },
  ];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { node, above } = next;
    const stack = node === head ? above : [node.callFrame, ...above];
    if (node.selfSize > 0) found.push({ stack, values: [node.selfSize] });
    for (const child of node.children) waiting.push({ node: child, above: stack });
  }
  return found;
}
