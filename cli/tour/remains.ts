import { existsSync, readFileSync } from 'node:fs';
import { findCgroups } from '../../platforms/linux/cgroups/find.ts';

/** Cgroups, mounts and files that are still there of a sandbox. */
export function remainsOf(id: string, directory: string): readonly string[] {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  return [
    ...findCgroups(id),
    ...mounts.filter((line) => line.includes(directory)),
    ...(existsSync(directory) ? [directory] : []),
  ];
}
