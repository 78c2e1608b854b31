import { constants } from 'node:fs';
import { open, readlink, type FileHandle } from 'node:fs/promises';

/** open(2)'s O_PATH, the same on all architectures that Node runs on; Node has no name for it. */
const O_PATH = 0o10000000;

/** As many links as the kernel follows in one path (path_resolution(7)). */
const mostLinks = 40;

/** What openat(2) would be given: Node has no such call, but the kernel resolves this name from that very directory. */
export function below(directory: FileHandle, name: string): string {
  return `/proc/self/fd/${directory.fd}/${name}`;
}

/**
 * Opens a path of a root file system as a process inside would see it: links lead from that root, and neither they nor
 * `..` lead out of it, also when someone changes the tree meanwhile. The handle only names the file (O_PATH): it has
 * been neither read nor, for a device or a pipe, opened. The caller closes it.
 * Rejects as open(2) does: ENOENT, ENOTDIR, ELOOP.
 */
export async function openInRoot(root: string, path: string): Promise<FileHandle> {
  // The directories from the root down to where the walk is.
  const trail = [await open(root, O_PATH | constants.O_DIRECTORY)];
  try {
    const ahead = componentsOf(path);
    for (let links = 0; ;) {
      const here = trail.at(-1);
      const name = ahead.pop();
      if (here === undefined) throw new Error('the walk has left its root');
      if (name === undefined) return await open(`/proc/self/fd/${here.fd}`, O_PATH);
      if (name === '..') {
        if (trail.length > 1) await trail.pop()?.close();
        continue;
      }
      const next = await open(below(here, name), O_PATH | constants.O_NOFOLLOW);
      trail.push(next);
      if (!(await next.stat()).isSymbolicLink()) continue;
      if (++links > mostLinks) throw Object.assign(new Error(`too many links in ${path}`), { code: 'ELOOP' });
      await trail.pop()?.close();
      const target = await readlink(below(here, name));
      if (target.startsWith('/')) await closeAll(trail.splice(1));
      ahead.push(...componentsOf(target));
    }
  } finally {
    await closeAll(trail);
  }
}

/** The last comes first: a stack of what is still to be walked. */
function componentsOf(path: string): string[] {
  return path
    .split('/')
    .filter((name) => name !== '' && name !== '.')
    .reverse();
}

async function closeAll(handles: readonly FileHandle[]): Promise<void> {
  for (const handle of handles) await handle.close();
}
