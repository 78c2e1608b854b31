import { Watch, files } from '../native/index.ts';

/** Resolves when the process of that pidfd has ended, and closes it. */
export function untilReadable(pidfd: number): Promise<void> {
  return new Promise((resolve) => {
    const watch = new Watch(pidfd, {
      readable: () => {
        watch.close();
        files.close(pidfd);
        resolve();
      },
    });
    watch.want({ readable: true });
  });
}
