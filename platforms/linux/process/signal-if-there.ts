import { processes } from '../../../native/index.ts';
import { isErrno } from '../system-error.ts';

/** Sends a signal to who may have ended and been reaped. @throws SystemError EINVAL */
export function signalPidfdIfThere(pidfd: number, signo: number): void {
  try {
    processes.signalPidfd(pidfd, signo);
  } catch (error) {
    if (!isErrno(error, 'ESRCH')) throw error;
  }
}

/** As {@link signalPidfdIfThere}, by the host's pid: of a process that cannot have ended by itself, as it is frozen. */
export function signalIfThere(pid: number, signo: number): void {
  try {
    processes.kill(pid, signo);
  } catch (error) {
    if (!isErrno(error, 'ESRCH')) throw error;
  }
}
