import { readFileSync, rmdirSync } from 'node:fs';
import { isErrno } from '../system-error.ts';

/** Where a restore puts its mounts together before it goes there (criu/mount.c): `mnt: Will mount 295 @ /tmp/…/mnt-0000000295 /sys`. */
const yard = /^\(\d+\.\d+\)\s+mnt:\s+Will mount \d+ @ (\/tmp\/\.criu\.mntns\.[A-Za-z0-9]{6})\//m;

/**
 * Removes the directory for its mounts that a CRIU that was killed in a restore leaves in /tmp. What it had mounted
 * there was seen in a mount namespace of its own only, and goes with that: here it is empty.
 * @param log what it has logged @throws SystemError
 */
export function removeYard(log: string): void {
  try {
    const directory = yard.exec(readFileSync(log, 'latin1'))?.[1];
    if (directory !== undefined) rmdirSync(directory);
  } catch (error) {
    // It had not come so far, or has cleared away itself. Not empty: it is not what was looked for.
    if (!isErrno(error, 'ENOENT', 'ENOTDIR', 'ENOTEMPTY')) throw error;
  }
}
