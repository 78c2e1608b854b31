import { open } from 'node:fs/promises';
import { errnoOf } from '../errno.ts';
import { openInRoot } from './open-in-root.ts';

/**
 * The text of a file of a root file system, found as a process inside would find it; undefined when there is none.
 * Rejects with an Error when it is no regular file or larger than `limit` bytes: what is inside is not to be trusted.
 */
export async function readInRoot(root: string, path: string, limit: number): Promise<string | undefined> {
  try {
    await using named = await openInRoot(root, path);
    const found = await named.stat();
    if (!found.isFile()) throw new Error(`${path} is not a regular file`);
    if (found.size > limit) throw new Error(`${path} has ${found.size} bytes, the most is ${limit}`);
    await using file = await open(`/proc/self/fd/${named.fd}`, 'r');
    return await file.readFile('utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}
