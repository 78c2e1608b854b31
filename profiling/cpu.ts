import type { Profiler } from 'node:inspector';
import { CallTree, type Frame, type PprofSample } from './pprof.ts';
import { inspectorSession } from './session.ts';

/** In µs: ten times as often as Go's pprof does, as the work of a supervisor is short. */
const samplingInterval = 1000;

/** Begins to take samples of what this process executes. One at a time: the caller sees to that. */
export async function startCpuProfile(): Promise<void> {
  const session = inspectorSession();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: samplingInterval });
  await session.post('Profiler.start');
}

/** Ends it, and gives the profile in pprof's format, gzipped, as Go's runtime/pprof writes it: samples and nanoseconds. */
export async function stopCpuProfile(): Promise<Uint8Array> {
  const session = inspectorSession();
  const { profile } = await session.post('Profiler.stop');
  await session.post('Profiler.disable');
  return new CallTree(cpuSamples(profile)).encode({
    types: [
      ['samples', 'count'],
      ['cpu', 'nanoseconds'],
    ],
    period: ['cpu', 'nanoseconds', samplingInterval * 1000],
    durationNanos: (profile.endTime - profile.startTime) * 1000,
  });
}

/** Idle is no work: Go's profile has no samples of it either. */
const idle = new Set(['(idle)', '(root)']);

function cpuSamples(profile: Profiler.Profile): readonly PprofSample[] {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map<number, number>();
  for (const node of profile.nodes) for (const child of node.children ?? []) parents.set(child, node.id);
  const spent = new Map<number, { count: number; micros: number }>();
  profile.samples?.forEach((id, index) => {
    const sum = spent.get(id) ?? { count: 0, micros: 0 };
    sum.count += 1;
    sum.micros += Math.max(0, profile.timeDeltas?.[index] ?? 0);
    spent.set(id, sum);
  });
  return [...spent].flatMap(([leaf, { count, micros }]) => {
    const stack: Frame[] = [];
    for (let id: number | undefined = leaf; id !== undefined; id = parents.get(id)) {
      const frame = nodes.get(id)?.callFrame;
      if (frame !== undefined && frame.functionName !== '(root)') stack.push(frame);
    }
    const isIdle = idle.has(stack[0]?.functionName ?? '(root)');
    return isIdle ? [] : [{ stack, values: [count, micros * 1000] }];
  });
}
