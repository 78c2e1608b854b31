import { readFileSync, statSync } from 'node:fs';
import { isErrno } from '../system-error.ts';

/** /proc's mountinfo, whose first field is the mount's id (proc_pid_mountinfo(5)). */
const mountsOf = (pid: number): ReadonlySet<string> =>
  new Set(
    readFileSync(`/proc/${pid}/mountinfo`, 'latin1')
      .split('\n')
      .map((line) => line.split(' ')[0] ?? ''),
  );

/**
 * By what names CRIU knows the standard streams of a process that are files or terminals of the outside, which a
 * container's own mounts do not show: `file[…]` and `tty[…]` of `--external` (criu(8)). Undefined for those that are
 * none: a pipe, a file of its own, /dev/null, and one that is closed.
 */
export function outsideStreams(pid: number): readonly (string | undefined)[] {
  const mounts = mountsOf(pid);
  return [0, 1, 2].map((fd) => nameOf(pid, fd, mounts));
}

function nameOf(pid: number, fd: number, mounts: ReadonlySet<string>): string | undefined {
  try {
    const status = statSync(`/proc/${pid}/fd/${fd}`);
    const mount = /^mnt_id:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'latin1'))?.[1];
    if (mount === undefined || mounts.has(mount)) return undefined;
    if (status.isFile()) return `file[${Number(mount).toString(16)}:${status.ino.toString(16)}]`;
    if (status.isCharacterDevice() && terminals.has(status.rdev >> 8))
      return `tty[${status.rdev.toString(16)}:${status.dev.toString(16)}]`;
    return undefined;
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ESRCH')) return undefined;
    throw error;
  }
}

/** Majors of Linux's devices.txt: virtual consoles, Unix98 pseudo terminals. */
const terminals = new Set([4, ...Array.from({ length: 8 }, (_none, index) => 136 + index)]);
