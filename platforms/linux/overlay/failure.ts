import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { RunstateError, isRunstateError, messageOf } from '../../../errors/index.ts';
import type { OverlayKind } from '../../platform.ts';
import { isErrno } from '../system-error.ts';

/** Kinds of file systems by their numbers (linux/magic.h): those that people are likely to have put a run directory on. */
const names: ReadonlyMap<number, string> = new Map([
  [0x794c7630, 'overlayfs'],
  [0x6969, 'NFS'],
  [0x65735546, 'FUSE'],
  [0x01021997, '9p'],
  [0x4d44, 'FAT'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB'],
  [0x01021994, 'tmpfs'],
  [0xef53, 'ext4'],
]);

/** Why there can be no layer at a directory, and what to do; an error of the catalogue is given back. */
export function overlayFailure(directory: string, kind: OverlayKind, error: unknown): RunstateError {
  if (isRunstateError(error)) return error;
  return new RunstateError(
    'OVERLAY',
    { path: directory, why: `${where(directory)}${messageOf(error)}`, remedy: remedyFor(kind, error) },
    { cause: error },
  );
}

function remedyFor(kind: OverlayKind, error: unknown): string {
  if (isErrno(error, 'ENODEV')) return 'modprobe overlay, or a kernel with CONFIG_OVERLAY_FS';
  if (isErrno(error, 'EPERM')) return 'run it as root with CAP_SYS_ADMIN';
  return kind === 'disk'
    ? '--overlay=memory, or a --root on ext4, xfs or btrfs'
    : 'a kernel with CONFIG_OVERLAY_FS and CONFIG_TMPFS_XATTR';
}

function where(directory: string): string {
  try {
    const { type } = statfsSync(directory);
    return `the file system there is ${names.get(type) ?? `of kind 0x${type.toString(16)}`}: `;
  } catch {
    // Not even made: then the error itself tells more than the kind of what is above it would.
    return `in ${dirname(directory)}: `;
  }
}
