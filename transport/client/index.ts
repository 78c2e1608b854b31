/**
 * A typed client of control servers, for programs: those of runstate, and of the original (gVisor's runsc up to 2022)
 * as far as it has the methods.
 *
 * ```ts
 * import { createClient, sandboxSocket } from 'runstate/client';
 *
 * await using client = createClient(sandboxSocket('/run/runstate', 'sandbox-1'));
 * const processes = await client.call('containerManager.Processes', 'sandbox-1');
 * ```
 */
import type { SocketAddress } from '../address.ts';
import { ControlClient, type ClientOptions } from './client.ts';

export { RunstateError } from '../../errors/index.ts';
export {
  sandboxAddresses,
  sandboxSocket,
  showAddress,
  supervisorSocket,
  type SocketAddress,
} from '../address.ts';
export type * from '../methods/types.ts';
export type * from '../methods/checkpoint-types.ts';
export type * from '../methods/debug-types.ts';
export type * from '../methods/inspect-types.ts';
export type * from '../../observation/types.ts';
export type * from '../methods/network-types.ts';
export { openPacketSocket, openTap, type OpenLinkOptions } from '../../native/links.ts';
export { ControlClient, type CallOptions, type ClientOptions, type ResultWithFiles } from './client.ts';
export { RemoteError, errorCodeOf } from './remote-error.ts';

/**
 * A client of the server at that address (a string is a path), or at the first of several that answers. It connects
 * at the first call. Close it, or let `await using` do so.
 */
export function createClient(
  address: string | SocketAddress | readonly SocketAddress[],
  options: ClientOptions = {},
): ControlClient {
  if (typeof address === 'string') return new ControlClient([{ kind: 'path', path: address }], options);
  return new ControlClient('kind' in address ? [address] : address, options);
}
