import type { NetworkRequest } from '../../platforms/network.ts';
import type { Call } from '../call.ts';
import type { SandboxSystem } from '../sandbox/sandbox-system.ts';

/**
 * Gives a sandbox interfaces, addresses and routes, before it has containers or while they run. When it rejects
 * nothing is changed. It settles only when that is sure: the request's files are in use until then.
 * @throws RunstateError WRONG_STATE, NETWORK_ONCE, INVALID_ARGUMENT, LINK_FILE, LINK_UNUSABLE, CANCELLED, DEADLINE,
 *   and the platform's own
 */
export function setUpNetwork(system: SandboxSystem, request: NetworkRequest, call: Call): Promise<void> {
  return system.port.during(
    (id) => ({ type: 'network', id }),
    (signal) => system.platform.network(request, signal),
    system.deadlines.operation.network,
    call,
  );
}
