import { readFile } from 'node:fs/promises';
import { RunstateError } from '../../../errors/index.ts';
import { containerPid, readStat } from '../proc/index.ts';
import { isErrno } from '../system-error.ts';

/** Where a process waits in the kernel that is stopped by a signal, or by a tracer; its state only tells that it is frozen. */
const stopped = /^(?:do_signal_stop|ptrace_stop)\b/;

/**
 * Refuses a container in which a process is stopped, by SIGSTOP or ^Z: CRIU cannot take hold of one that is also frozen,
 * and would wait for it for ever; a restore, which has all stopped for a while, could not tell it from the others.
 * @param pids the container's, as the host numbers them @throws RunstateError CHECKPOINT_REFUSED; SystemError
 */
export async function refuseStopped(cid: string, pids: readonly number[]): Promise<void> {
  const found = await Promise.all(pids.map(describe));
  const named = found.filter((one) => one !== undefined);
  if (named.length === 0) return;
  throw new RunstateError('CHECKPOINT_REFUSED', {
    kind: 'container',
    id: cid,
    why: `processes are stopped by a signal: ${named.join(', ')}; let them continue (SIGCONT, fg), or end them`,
  });
}

async function describe(hostPid: number): Promise<string | undefined> {
  if (!stopped.test(await waitsIn(hostPid))) return undefined;
  const found = await readStat(hostPid);
  return `${(await containerPid(hostPid)) ?? hostPid} (${found?.command ?? '?'})`;
}

/** Empty when it has gone, or the kernel does not tell. */
async function waitsIn(hostPid: number): Promise<string> {
  try {
    return await readFile(`/proc/${hostPid}/wchan`, 'latin1');
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ESRCH', 'EACCES')) return '';
    throw error;
  }
}
