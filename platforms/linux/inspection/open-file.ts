import { constants, openSync } from 'node:fs';
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
    return openSync(
      `/proc/self/fd/${named.fd}`,
      constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY,
    );
  } catch (error) {
    if (isRunstateError(error)) throw error;
    throw refused(cid, path, messageOf(error), error);
  }
}

const refused = (cid: string, path: string, why: string, cause?: unknown): RunstateError =>
  new RunstateError('CONTAINER_FILE', { cid, path, why }, cause === undefined ? {} : { cause });
