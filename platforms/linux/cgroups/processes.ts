import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno } from '../system-error.ts';

/** The host's pids of a cgroup and of those below it. One that does not exist has none. */
export async function pidsBelow(directory: string): Promise<readonly number[]> {
  const [own, below] = await Promise.all([ownPids(directory), subdirectories(directory)]);
  const more = await Promise.all(below.map((name) => pidsBelow(join(directory, name))));
  return [...own, ...more.flat()];
}

/** The names of the cgroups just below. */
export async function subdirectories(directory: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENODEV')) return [];
    throw error;
  }
}

async function ownPids(directory: string): Promise<readonly number[]> {
  try {
    const text = await readFile(join(directory, 'cgroup.procs'), 'latin1');
    return text.split('\n').filter(Boolean).map(Number);
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENODEV')) return [];
    throw error;
  }
}
