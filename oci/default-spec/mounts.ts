import type { Mount } from '../types.ts';

/** What a Linux program expects to find (config-linux.md, Default Filesystems), with the options of `runc spec`. */
const usual: readonly Mount[] = [
  { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
  {
    destination: '/dev',
    type: 'tmpfs',
    source: 'tmpfs',
    options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
  },
  {
    destination: '/dev/pts',
    type: 'devpts',
    source: 'devpts',
    // Group 5 is tty wherever there is one.
    options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
  },
  {
    destination: '/dev/shm',
    type: 'tmpfs',
    source: 'shm',
    options: ['nosuid', 'noexec', 'nodev', 'mode=1777', 'size=65536k'],
  },
  { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: ['nosuid', 'noexec', 'nodev'] },
  { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', 'ro'] },
];

/** Language runtimes size their heaps by what they read here. Only with a cgroup namespace: else it shows the host's. */
const cgroup: Mount = {
  destination: '/sys/fs/cgroup',
  type: 'cgroup',
  source: 'cgroup',
  options: ['nosuid', 'noexec', 'nodev', 'relatime', 'ro'],
};

/** Programs need somewhere to write. The memory limit counts what is in it; the size bounds it where there is no limit. */
const temporary: Mount = {
  destination: '/tmp',
  type: 'tmpfs',
  source: 'tmpfs',
  options: ['nosuid', 'nodev', 'mode=1777', 'size=262144k'],
};

export interface MountChoices {
  readonly cgroupNamespace: boolean;
  readonly readonlyRoot: boolean;
  readonly added: readonly Mount[];
}

/** All mounts of a container, in the order in which they are made. */
export function mountsFor({ cgroupNamespace, readonlyRoot, added }: MountChoices): Mount[] {
  const ours = [...usual, ...(cgroupNamespace ? [cgroup] : []), ...(readonlyRoot ? [temporary] : [])];
  const replaced = new Set(added.map((mount) => mount.destination));
  return [...ours.filter((mount) => !replaced.has(mount.destination)), ...added];
}
