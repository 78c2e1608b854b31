import { closeSync, constants, openSync } from 'node:fs';
import { RunstateError, messageOf } from '../../../errors/index.ts';
import { namespace } from '../../../native/index.ts';
import { unmountAll } from '../namespaces/mounts.ts';
import type { Layer } from './layer.ts';

const MS_PRIVATE = 1 << 18;

/**
 * Nothing here may depend on where the upper directory lies, as a copy of it is mounted after a restore: `index` keeps
 * file handles of it, and `metacopy` leaves the data of changed files below. A directory that was renamed names the
 * place of its origin in the shared root, which is the same then (`redirect_dir`); so rename(2) works as everywhere.
 * See Documentation/filesystems/overlayfs.rst of the kernel.
 */
const options = 'index=off,metacopy=off,redirect_dir=on,xino=auto';

/** Paths as the kernel's list of options cannot take them wrong: a root's may hold `:`, `,` or a backslash. */
const byNumber = (fd: number): string => `/proc/self/fd/${fd}`;

/** Shows an open directory with a layer above it at the existing directory `target`. @throws SystemError; nothing is mounted then */
export function mountLayer(
  lower: number,
  { upper, work }: Pick<Layer, 'upper' | 'work'>,
  target: string,
): void {
  const opened: number[] = [];
  try {
    const numberOf = (path: string): string => {
      const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
      opened.push(fd);
      return byNumber(fd);
    };
    const layers = `lowerdir=${byNumber(lower)},upperdir=${numberOf(upper)},workdir=${numberOf(work)}`;
    namespace.mount('runstate', target, 'overlay', 0, `${layers},${options}`);
  } finally {
    for (const fd of opened) closeSync(fd);
  }
  try {
    namespace.mount('', target, '', MS_PRIVATE);
  } catch (error) {
    unmountAll(target);
    throw error;
  }
}

/** As {@link mountLayer}, for a layer of which it is known that it can be one. @throws RunstateError OVERLAY that names the root */
export function mountOverlay(lower: number, root: string, layer: Layer, target: string): void {
  try {
    mountLayer(lower, layer, target);
  } catch (error) {
    throw new RunstateError(
      'OVERLAY',
      {
        path: root,
        why: `it cannot be the lower layer: ${messageOf(error)}`,
        remedy: 'use a root file system that is no overlay of overlays, or --overlay=none',
      },
      { cause: error },
    );
  }
}
