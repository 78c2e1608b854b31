import { RunstateError, messageOf } from '../errors/index.ts';
import { errorCodeOf, type ControlClient } from '../transport/client/index.ts';

/**
 * Destroys what could not be made, after `error`. Nothing to do when it is not there: it may have gone by itself, and
 * its supervisor with it.
 * @param isThere whether what has that id is what was to be made; always when not given
 * @throws RunstateError LEAKED, its cause the reason and `error`, when it may still be there
 */
export async function undo(
  client: ControlClient,
  cid: string,
  error: unknown,
  isThere: () => Promise<boolean> = () => Promise.resolve(true),
): Promise<void> {
  try {
    if (await isThere()) await client.call('containerManager.Destroy', cid);
  } catch (why) {
    if (isGone(why)) return;
    const left = [`what was made of it before it failed: ${messageOf(why)}`];
    const cause = new AggregateError([why, error], messageOf(error), { cause: error });
    throw new RunstateError('LEAKED', { kind: 'container', id: cid, left }, { cause });
  }
}

const isGone = (error: unknown): boolean =>
  ['CONTAINER_NOT_FOUND', 'ACTOR_GONE', 'CONNECTION'].includes(errorCodeOf(error) ?? '');
