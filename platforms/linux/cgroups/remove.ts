import { rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { isErrno } from '../system-error.ts';
import { subdirectories } from './processes.ts';

const pause = 2;

/**
 * Removes a cgroup with those below it. One whose last process is just ending is still busy for a moment: it is tried
 * again until `signal` is aborted. Gives what is left.
 */
export async function removeCgroup(directory: string, signal: AbortSignal): Promise<readonly string[]> {
  for (;;) {
    const left = await tryRemove(directory);
    if (left.length === 0 || signal.aborted) return left;
    await after(pause);
  }
}

async function tryRemove(directory: string): Promise<readonly string[]> {
  const left: string[] = [];
  try {
    await rmdir(directory);
    return left;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return left;
    if (!isErrno(error, 'EBUSY', 'ENOTEMPTY')) throw error;
  }
  for (const name of await subdirectories(directory)) left.push(...(await tryRemove(join(directory, name))));
  if (left.length > 0) return left;
  try {
    await rmdir(directory);
    return [];
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return [];
    if (isErrno(error, 'EBUSY', 'ENOTEMPTY')) return [directory];
    throw error;
  }
}
