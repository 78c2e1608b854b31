import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Cgroups, mounts and files that are still there of a sandbox. */
export function remainsOf(id: string, directory: string): readonly string[] {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  return [
    ...cgroups(id),
    ...mounts.filter((line) => line.includes(directory)),
    ...(existsSync(directory) ? [directory] : []),
  ];
}

const top = '/sys/fs/cgroup';

function cgroups(id: string): string[] {
  return [top, ...readdirSync(top).map((name) => join(top, name))]
    .map((mount) => join(mount, 'runstate', id))
    .filter((path) => existsSync(path));
}
