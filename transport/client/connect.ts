import { setTimeout as after } from 'node:timers/promises';
import { RunstateError, messageOf } from '../../errors/index.ts';
import { isSystemError } from '../../native/index.ts';
import { showAddress, type SocketAddress } from '../address.ts';
import { connectSocket } from '../socket/socket-name.ts';

const firstPause = 1;
const longestPause = 50;

/**
 * Connects to the first address that answers. A server whose backlog is full is asked again until `deadline` (of
 * performance.now()). Rejects with CONNECTION, its cause the system's error (ENOENT, ECONNREFUSED: no server there).
 */
export async function connectTo(
  addresses: readonly SocketAddress[],
  deadline: number,
  signal: AbortSignal,
): Promise<number> {
  for (let pause = firstPause; ; pause = Math.min(pause * 2, longestPause)) {
    const outcome = tryEach(addresses);
    if (typeof outcome === 'number') return outcome;
    if (!isSystemError(outcome.cause, 'EAGAIN') || performance.now() + pause > deadline) throw outcome;
    await after(pause, undefined, { signal });
  }
}

/** A descriptor; or the error of the one address that has a server with a full backlog, else of the last. */
function tryEach(addresses: readonly SocketAddress[]): number | RunstateError {
  let failed = new RunstateError('CONNECTION', { address: '', why: 'no address was given' });
  for (const address of addresses) {
    try {
      return connectSocket(address);
    } catch (error) {
      const params = { address: showAddress(address), why: messageOf(error) };
      failed = new RunstateError('CONNECTION', params, { cause: error });
      if (isSystemError(error, 'EAGAIN')) return failed;
    }
  }
  return failed;
}
