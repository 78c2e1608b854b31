import { Watch, files, processes } from '../native/index.ts';

/** Resolves when the process of that pidfd has ended, reaps it, and closes the pidfd. */
export function untilReaped(pidfd: number): Promise<void> {
  return new Promise((resolve) => {
    const watch = new Watch(pidfd, {
      readable: () => {
        watch.close();
        processes.waitPidfd(pidfd);
        files.close(pidfd);
        resolve();
      },
    });
    watch.want({ readable: true });
  });
}
