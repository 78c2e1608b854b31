import { processes } from '../../../native/index.ts';
import { straysAmong } from '../process/reaper.ts';
import { isErrno } from '../system-error.ts';

const SIGKILL = 9;

/** A killed runtime may have started its process already. Their ends are not told. */
export function killStrays(pids: readonly number[]): void {
  for (const pid of straysAmong(pids)) {
    try {
      // A child of ours: until it is reaped, here and not before the next turn, the pid is nobody else's.
      processes.kill(pid, SIGKILL);
    } catch (error) {
      if (!isErrno(error, 'ESRCH')) throw error;
    }
  }
}
