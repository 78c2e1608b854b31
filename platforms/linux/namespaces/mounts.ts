import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { namespace } from '../../../native/index.ts';
import { isErrno, systemFailure } from '../system-error.ts';

const MS_REC = 16384;
const MS_PRIVATE = 1 << 18;

/**
 * Shows an open directory, with what is mounted below it, at the existing directory `target`.
 * @throws RunstateError SYSTEM; then nothing is mounted there
 */
export function mountDirectory(fd: number, target: string): void {
  try {
    namespace.bindMount(`/proc/self/fd/${fd}`, target, { recursive: true });
  } catch (error) {
    throw systemFailure('mount', target, error);
  }
  try {
    // A copy that shared its propagation would take the original's mounts along when it is unmounted.
    namespace.mount('', target, '', MS_REC | MS_PRIVATE);
  } catch (error) {
    unmountAll(target);
    throw systemFailure('mount', target, error);
  }
}

/** Unmounts whatever is mounted at a path, also one that has no mount or is not there. @throws RunstateError SYSTEM */
export function unmountAll(path: string): void {
  for (;;) {
    try {
      namespace.unmount(path);
    } catch (error) {
      // EINVAL: not, or no longer, a mount point.
      if (isErrno(error, 'EINVAL', 'ENOENT', 'ENOTDIR')) return;
      throw systemFailure('umount', path, error);
    }
  }
}

/** The mount points of this process at a directory and below it, the innermost last. */
export function mountsBelow(directory: string): readonly string[] {
  if (!existsSync(directory)) return [];
  // The kernel knows no links in the paths of mount points.
  const real = realpathSync(directory);
  return mountPointsOf('self').filter((point) => point === real || point.startsWith(`${real}/`));
}

/** All mount points that a process sees, by its own paths, the innermost last. @throws the error of reading that */
export function mountPointsOf(pid: number | 'self'): readonly string[] {
  return readFileSync(`/proc/${pid}/mountinfo`, 'latin1')
    .trimEnd()
    .split('\n')
    .map((line) => unescape(line.split(' ')[4] ?? ''));
}

/** Unmounts all there is at a directory and below it. @throws RunstateError SYSTEM */
export function unmountBelow(directory: string): void {
  for (const point of mountsBelow(directory).toReversed()) unmountAll(point);
}

/** Spaces and the like are octal there (proc_pid_mountinfo(5)); the bytes are UTF-8. */
function unescape(field: string): string {
  const bytes = field.replace(/\\([0-7]{3})/g, (_all, digits: string) =>
    String.fromCharCode(parseInt(digits, 8)),
  );
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
