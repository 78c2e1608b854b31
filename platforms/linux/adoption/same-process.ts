import { readFileSync } from 'node:fs';
import { files, processes } from '../../../native/index.ts';
import { isErrno } from '../system-error.ts';
import type { KnownProcess } from './known.ts';

/**
 * When a process started, in clock ticks since the machine's start; undefined when there is no such process. Read at
 * once: by the next turn of the event loop the pid might be another's.
 */
export function startTicksOf(hostPid: number): number | undefined {
  try {
    const text = readFileSync(`/proc/${hostPid}/stat`, 'latin1');
    // The command may hold anything, also parentheses.
    return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[19]);
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ESRCH')) return undefined;
    throw error;
  }
}

/** A pidfd of the process that was known, the caller's to close; undefined when it has gone. @throws SystemError */
export function openIfSame({ hostPid, startTicks }: KnownProcess): number | undefined {
  let pidfd: number;
  try {
    pidfd = processes.openPidfd(hostPid);
  } catch (error) {
    if (isErrno(error, 'ESRCH')) return undefined;
    throw error;
  }
  // Looked at when there is a handle of it: what has that pid now has it as long as it is not reaped.
  if (startTicksOf(hostPid) === startTicks) return pidfd;
  files.close(pidfd);
  return undefined;
}
