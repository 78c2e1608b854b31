import { readdirSync, readlinkSync } from 'node:fs';
import { files, processes } from '../../../native/index.ts';
import { isErrno } from '../system-error.ts';

/** The process, or what it had open, has gone; EBADF and EPERM of pidfd_getfd(2) while it goes. */
const gone = ['ENOENT', 'ESRCH', 'EBADF', 'EPERM'] as const;

/**
 * A CRIU that was killed in a dump leaves the TCP connections of its processes in repair (linux/tcp.h): nothing that they
 * write is sent. Ends that, as CRIU would have done.
 * @param pids processes that stand still, in the host's numbering @throws SystemError
 */
export function endTcpRepair(pids: readonly number[]): void {
  for (const pid of pids) unlessGone(() => endFor(pid));
}

function endFor(pid: number): void {
  const directory = `/proc/${pid}/fd`;
  const pidfd = processes.openPidfd(pid);
  try {
    for (const fd of readdirSync(directory))
      unlessGone(() => {
        // Nothing else is opened here: that could be noticed when it is closed.
        if (readlinkSync(`${directory}/${fd}`).startsWith('socket:'))
          processes.endTcpRepair(pidfd, Number(fd));
      });
  } finally {
    files.close(pidfd);
  }
}

function unlessGone(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!isErrno(error, ...gone)) throw error;
  }
}
