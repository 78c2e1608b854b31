import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerSpec } from '../../../oci/types.ts';

/** CRIU's images of System V shared memory, semaphores and message queues; its settings are in another. */
const objects = /^ipcns-(?:shm|sem|msg)-\d+\.img$/;

/**
 * Leaves out of a dump the System V objects of an IPC namespace that the container has joined: they are in the dump of
 * the container whose namespace it is, which is restored first, and could not be made twice. Its processes find them by
 * their ids. @throws SystemError
 */
export function leaveOutSharedIpc(spec: ContainerSpec, images: string): void {
  const ipc = spec.linux?.namespaces?.find(({ type }) => type === 'ipc');
  if (ipc?.path === undefined || ipc.path === '') return;
  for (const name of readdirSync(images)) if (objects.test(name)) rmSync(join(images, name));
}
