import { setTimeout as after } from 'node:timers/promises';
import { RunstateError, isError } from '../../../errors/index.ts';
import type { ObservedState } from '../../inspection.ts';

/** In ms: pid 1 that is killed ends last, when the kernel has ended all others. */
const patience = 500;

/**
 * The error of an exec that came to nothing because the container ended under it, which is what is told then; any other as
 * it is. @param observe looks at the container
 */
export async function endedMeanwhile(
  cid: string,
  error: unknown,
  observe: () => Promise<ObservedState>,
): Promise<unknown> {
  if (!isError(error, 'SYSTEM') && !isError(error, 'RUNTIME_FAILED')) return error;
  const why = 'its program has ended';
  const deadline = performance.now() + patience;
  while (performance.now() < deadline) {
    if (await isGone(observe))
      return new RunstateError(
        'OPERATION_FAILED',
        { verb: 'exec in', kind: 'container', id: cid, why },
        { cause: error },
      );
    await after(10);
  }
  return error;
}

async function isGone(observe: () => Promise<ObservedState>): Promise<boolean> {
  try {
    return (await observe()).init === 'gone';
  } catch {
    // What it was to explain is told as it is.
    return false;
  }
}
