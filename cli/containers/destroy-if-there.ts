import { errorCodeOf, type ControlClient } from '../../transport/client/index.ts';

/** What a destroy by somebody else at the same time leaves us with. */
const gone: readonly unknown[] = ['CONNECTION', 'ACTOR_GONE', 'SANDBOX_NOT_FOUND', 'CONTAINER_NOT_FOUND'];

/** Destroys a container, of a root container the sandbox; nothing to do when it has gone meanwhile. @throws RunstateError LEAKED, … */
export async function destroyIfThere(client: ControlClient, cid: string): Promise<void> {
  try {
    await client.call('containerManager.Destroy', cid);
  } catch (error) {
    if (!gone.includes(errorCodeOf(error))) throw error;
  }
}
