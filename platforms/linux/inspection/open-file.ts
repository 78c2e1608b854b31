import { constants, openSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { RunstateError, isRunstateError, messageOf } from '../../../errors/index.ts';
import { openInRoot } from '../../../oci/rootfs/open-in-root.ts';

/**
 * Opens a regular file of a container for reading, as its init would find it: links and `..` lead to the container's
 * own files. What could make us wait, or do something by being opened, is refused: pipes and devices.
 * @param initPid in the host's numbering
 * @throws RunstateError CONTAINER_FILE
 */
export async function openContainerFile(cid: string, initPid: number, path: string): Promise<number> {
  try {
    if (!path.startsWith('/')) throw refused(cid, path, 'the path is not absolute');
    await using named = await openInRoot(`/proc/${initPid}/root`, path);
    const found = await named.stat();
    if (!found.isFile())
      throw refused(cid, path, found.isDirectory() ? 'it is a directory' : 'it is no regular file');
    // We would open it with more rights than the container has, and reading some of them uses them up (/proc/kmsg).
    const { type } = await statfs(`/proc/self/fd/${named.fd}`);
    if (kernelFileSystems.has(type)) throw refused(cid, path, "it is the kernel's, not the container's");
    return openSync(
      `/proc/self/fd/${named.fd}`,
      constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY,
    );
  } catch (error) {
    if (isRunstateError(error)) throw error;
    throw refused(cid, path, messageOf(error), error);
  }
}

/** File systems by which the kernel shows itself (statfs(2), linux/magic.h). */
const kernelFileSystems: ReadonlySet<number> = new Set([
  ...[0x9fa0 /* proc */, 0x62656572 /* sysfs */, 0x64626720 /* debugfs */, 0x74726163 /* tracefs */],
  ...[0x27e0eb /* cgroup */, 0x63677270 /* cgroup2 */, 0xcafe4a11 /* bpf */, 0x73636673 /* securityfs */],
  ...[
    0xf97cff8c /* selinux */, 0x6165676c /* pstore */, 0xde5e81e4 /* efivarfs */, 0x62656570 /* configfs */,
  ],
  ...[0x19800202 /* mqueue */, 0x958458f6 /* hugetlbfs */, 0x6e736673 /* nsfs */],
]);

const refused = (cid: string, path: string, why: string, cause?: unknown): RunstateError =>
  new RunstateError('CONTAINER_FILE', { cid, path, why }, cause === undefined ? {} : { cause });
