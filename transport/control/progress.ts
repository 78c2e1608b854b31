import { closeSync, constants, openSync, writeSync } from 'node:fs';
import type { OnProgress } from '../../platforms/checkpoint.ts';

/** Ms between two lines of one phase. */
const interval = 50;

/**
 * Writes progress to a client's file, as lines of JSON, now and then. A client that does not read, or has gone, misses
 * some: nothing waits for it. @param fd of a pipe or a regular file, the caller's; undefined for no progress
 */
export function progressTo(fd: number | undefined): OnProgress | undefined {
  if (fd === undefined) return undefined;
  let phase = '';
  let at = 0;
  return (progress) => {
    const now = Date.now();
    const isLast = progress.bytes === progress.total;
    if (progress.phase === phase && now - at < interval && !isLast) return;
    phase = progress.phase;
    at = now;
    tell(fd, `${JSON.stringify(progress)}\n`);
  };
}

/** What a client may do to its file, and what is no file that can be opened once more. */
const misses = new Set(['EAGAIN', 'EPIPE', 'ENXIO', 'ENOSPC', 'EACCES', 'ETXTBSY']);

/** Opened once more for each line: a descriptor that came from outside may block, and its flags are its owner's. */
function tell(fd: number, line: string): void {
  try {
    const own = openSync(
      `/proc/self/fd/${fd}`,
      constants.O_WRONLY | constants.O_APPEND | constants.O_NONBLOCK | constants.O_NOCTTY,
    );
    try {
      writeSync(own, line);
    } finally {
      closeSync(own);
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && misses.has(String(error.code)))) throw error;
  }
}
