import { accessSync, constants, lstatSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ContainerSpec } from '../../../oci/types.ts';
import { isErrno } from '../system-error.ts';

/**
 * Whether the runtime can mount a file there: it is in a file system of the container's own, or is there already, or
 * can be made, which it cannot on a root that is mounted read-only (`root.readonly` of the spec comes into force later).
 */
export function hasPlace({ mounts = [], root }: ContainerSpec, destination: string): boolean {
  if (root === undefined || mounts.some((one) => join(one.destination) === dirname(destination))) return true;
  const place = join(root.path, destination);
  if (lstatSync(place, { throwIfNoEntry: false }) !== undefined) return true;
  try {
    accessSync(root.path, constants.W_OK);
    return true;
  } catch (error) {
    // Whatever else is wrong with it the runtime says better.
    return !isErrno(error, 'EROFS');
  }
}
