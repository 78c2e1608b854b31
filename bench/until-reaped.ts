import { Watch, files, isSystemError, processes } from '../native/index.ts';

/** Resolves when the process of that pidfd has ended, reaps it unless a supervisor in this process has, and closes the pidfd. */
export function untilReaped(pidfd: number): Promise<void> {
  return new Promise((resolve) => {
    const watch = new Watch(pidfd, {
      readable: () => {
        watch.close();
        try {
          processes.waitPidfd(pidfd);
        } catch (error) {
          if (!isSystemError(error, 'ECHILD')) throw error;
        } finally {
          files.close(pidfd);
        }
        resolve();
      },
    });
    watch.want({ readable: true });
  });
}
