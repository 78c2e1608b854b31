import { readlinkSync } from 'node:fs';
import { files, isSystemError, processes, sockets } from '../../native/index.ts';

/**
 * Whether a client lives in this process's mount namespace. An abstract name belongs to a network namespace, so that root
 * of any container with the host's network can connect to it, whatever files it cannot reach (CVE-2020-15257 of
 * containerd). Root of our own mount namespace could as well use the socket in the file system.
 * @param pid of who connected @throws SystemError
 */
export function sharesMounts(client: number, pid: number): boolean {
  let pidfd: number;
  try {
    pidfd = sockets.peerPidfd(client) ?? processes.openPidfd(pid);
  } catch (error) {
    // It has gone: nobody knows any more who it was.
    if (isSystemError(error, 'ESRCH') || isSystemError(error, 'EINVAL')) return false;
    throw error;
  }
  try {
    const theirs = readlinkSync(`/proc/${pid}/ns/mnt`);
    // It lives still, so the number was its own all the while.
    processes.signalPidfd(pidfd, 0);
    return theirs === readlinkSync('/proc/self/ns/mnt');
  } catch (error) {
    if (isSystemError(error, 'ESRCH') || isGone(error)) return false;
    throw error;
  } finally {
    files.close(pidfd);
  }
}

const isGone = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH');
