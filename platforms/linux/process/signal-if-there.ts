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
