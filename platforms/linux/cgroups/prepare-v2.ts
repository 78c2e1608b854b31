import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Those that specs set limits by. */
const wanted = ['cpu', 'cpuset', 'io', 'memory', 'pids'];

/**
 * Makes a cgroup v2 whose children have controllers: each cgroup from the mount point down must hand them on
 * (cgroup-v2.rst of Linux, "Enabling and Disabling"). @throws SystemError
 */
export async function prepareV2(mount: string, path: string): Promise<void> {
  let directory = mount;
  for (const name of ['', ...path.split('/').filter(Boolean)]) {
    directory = join(directory, name);
    await mkdir(directory, { recursive: true });
    const available = (await readFile(join(directory, 'cgroup.controllers'), 'latin1')).trim().split(' ');
    const enabled = wanted.filter((controller) => available.includes(controller));
    if (enabled.length > 0)
      await writeFile(join(directory, 'cgroup.subtree_control'), enabled.map((one) => `+${one}`).join(' '));
  }
}
