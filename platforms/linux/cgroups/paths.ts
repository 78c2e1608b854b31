import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { CgroupLayout } from './layout.ts';

/** The parent of all sandboxes' cgroups, from the mount point on. */
const parent = '/runstate';

/**
 * The name of a sandbox's cgroup. Cgroups are the machine's, ids are unique below one run directory only: what is told
 * apart by its directory must not meet here, where all that is found is killed.
 * @param directory the platform's own of the sandbox
 */
export const cgroupName = (sandbox: string, directory: string): string =>
  `${sandbox}-${createHash('sha256').update(directory).digest('hex').slice(0, 10)}`;

/** As a spec's `cgroupsPath` names it; `name` is that of cgroupName. Ids are checked, so that this stays below the parent. */
export const sandboxPath = (name: string): string => `${parent}/${name}`;
export const containerPath = (name: string, cid: string): string => `${parent}/${name}/${cid}`;

/** The directories of one cgroup, in every hierarchy. */
export function directories(layout: CgroupLayout, path: string): readonly string[] {
  const mounts = layout.version === 1 ? layout.mounts : [layout.mount];
  return mounts.map((mount) => join(mount, path));
}

/** The directory by which processes are listed and frozen. */
export function mainDirectory(layout: CgroupLayout, path: string): string {
  return join(layout.version === 1 ? layout.freezer : layout.mount, path);
}

/** The directory that has a controller's files; undefined where there is no such controller. */
export function controllerDirectory(
  layout: CgroupLayout,
  controller: string,
  path: string,
): string | undefined {
  const mount = layout.version === 1 ? layout.controllers.get(controller) : layout.mount;
  return mount === undefined ? undefined : join(mount, path);
}
