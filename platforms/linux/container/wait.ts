import { RunstateError } from '../../../errors/index.ts';
import type { ExitStatus } from '../../exit-status.ts';
import { cancelled, isAborted } from '../../cancelled.ts';
import type { SandboxCgroups } from '../cgroups/index.ts';
import { containerPid, hostPidOf } from '../proc/index.ts';
import { isErrno, systemFailure } from '../system-error.ts';
import type { LinuxContainer } from './linux-container.ts';

/**
 * Resolves with how a process that no exec made, by its pid in the container's own numbering, has ended.
 * @throws RunstateError PROCESS_NOT_FOUND, SYSTEM; CANCELLED or the reason of `signal`
 */
export async function waitForProcess(
  { cid, others }: LinuxContainer,
  cgroups: SandboxCgroups,
  pid: number,
  signal: AbortSignal,
): Promise<ExitStatus> {
  if (isAborted(signal)) throw cancelled('wait for a process', cid, signal);
  const hostPid = await hostPidOf(await cgroups.pids(cid), pid);
  if (hostPid === undefined) throw new RunstateError('PROCESS_NOT_FOUND', { cid, pid });
  const isStill = async (): Promise<boolean> =>
    (await containerPid(hostPid)) === pid && (await cgroups.pids(cid)).includes(hostPid);
  try {
    return await race(others.wait(hostPid, isStill), signal);
  } catch (error) {
    if (isAborted(signal)) throw cancelled('wait for a process', cid, signal);
    if (isErrno(error, 'ESRCH')) throw new RunstateError('PROCESS_NOT_FOUND', { cid, pid }, { cause: error });
    throw systemFailure('wait', `process ${pid} of container ${cid}`, error);
  }
}

/** Rejects when `signal` is aborted before. */
function race<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(new Error('aborted'));
    signal.addEventListener('abort', abort, { once: true });
    // While the process was looked for: no event tells of that any more.
    if (isAborted(signal)) abort();
    work.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', abort);
    });
  });
}
