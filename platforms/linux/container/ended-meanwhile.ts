import { readFile } from 'node:fs/promises';
import { RunstateError, isError } from '../../../errors/index.ts';
import { statusField } from '../proc/stat.ts';
import { isErrno } from '../system-error.ts';
import type { LinuxContainer } from './linux-container.ts';

/**
 * The error of an exec that came to nothing because the container was ended under it, which is what is told then; any other
 * as it is. @param pids lists the container's processes, in the host's numbering
 * @throws SystemError, RunstateError SYSTEM
 */
export async function endedMeanwhile(
  container: LinuxContainer,
  error: unknown,
  pids: () => Promise<readonly number[]>,
): Promise<unknown> {
  if (!isError(error, 'SYSTEM') && !isError(error, 'RUNTIME_FAILED')) return error;
  if (!(await isEnding(container, pids))) return error;
  const what = { verb: 'exec in', kind: 'container', id: container.cid, why: 'its program has ended' };
  return new RunstateError('OPERATION_FAILED', what, { cause: error });
}

/**
 * Pid 1 that is killed takes all others with it, and ends last: its end can be told only when they have been reaped, which
 * is later than what they were at fails.
 */
async function isEnding(
  { init, initPid }: LinuxContainer,
  pids: () => Promise<readonly number[]>,
): Promise<boolean> {
  // Of one that is ending there is no process in a cgroup any more.
  if (init === undefined || initPid === undefined || !(await pids()).includes(initPid)) return true;
  try {
    const text = await readFile(`/proc/${initPid}/status`, 'latin1');
    return ['SigPnd', 'ShdPnd'].some((name) => isKilled(statusField(text, name)));
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ESRCH')) return true;
    throw error;
  }
}

/** A set of signals, in hexadecimal, has SIGKILL. */
const isKilled = (set: string): boolean => (BigInt(`0x${set || '0'}`) & (1n << 8n)) !== 0n;
