import { spawn } from 'node:child_process';
import { builtFile, files, processes } from '../../../native/index.ts';

let known: Promise<boolean> | undefined;

/**
 * True when the kernel tells how a process has ended that somebody else has reaped (PIDFD_GET_INFO, Linux 6.15 and
 * later). Tried once, on a process that ends at once. Never rejects: what cannot be tried is not there.
 */
export function keepsStatuses(): Promise<boolean> {
  known ??= tryIt();
  return known;
}

function tryIt(): Promise<boolean> {
  return new Promise((resolve) => {
    // It has no arguments, and refuses that.
    const child = spawn(builtFile('runstate-init'), [], { stdio: 'ignore' });
    if (child.pid === undefined) {
      child.once('error', () => resolve(false));
      return;
    }
    // Node reaps it in a later turn.
    const pidfd = processes.openPidfd(child.pid);
    child.once('exit', () => {
      resolve(processes.pidfdExitStatus(pidfd) !== undefined);
      files.close(pidfd);
    });
  });
}
