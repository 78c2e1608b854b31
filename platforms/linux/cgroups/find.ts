import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isErrno } from '../system-error.ts';

const top = '/sys/fs/cgroup';

/** The cgroups of all sandboxes of that id on this machine, whatever their run directories, in every hierarchy: to see whether something is left. */
export function findCgroups(sandbox: string): readonly string[] {
  const isOurs = new RegExp(`^${sandbox.replace(/[.+]/g, '\\$&')}-[0-9a-f]{10}$`);
  return [top, ...namesIn(top).map((name) => join(top, name))]
    .map((mount) => join(mount, 'runstate'))
    .flatMap((parent) =>
      namesIn(parent)
        .filter((name) => isOurs.test(name))
        .map((name) => join(parent, name)),
    );
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}
