import { rmSync } from 'node:fs';
import { namespace } from '../../../native/index.ts';
import { systemFailure } from '../system-error.ts';
import { unmountAll } from './mounts.ts';

/**
 * Makes the sandbox's network namespace, with its loopback interface up, and pins it at `file`. It is made before any
 * container, so that it outlives each of them. @throws RunstateError SYSTEM
 */
export async function makeNetwork(file: string): Promise<void> {
  try {
    await namespace.makeNetworkNamespace(file);
  } catch (error) {
    throw systemFailure('unshare', 'a network namespace', error);
  }
}

/** Unpins it; it is gone when its last process is. Idempotent. @throws RunstateError SYSTEM */
export function removeNetwork(file: string): void {
  unmountAll(file);
  rmSync(file, { force: true });
}
