import { RunstateError } from '../../errors/index.ts';
import type { NetworkRequest } from '../../platforms/network.ts';
import type { Call } from '../call.ts';
import type { SandboxSystem } from '../sandbox/sandbox-system.ts';

/** Interfaces would come to lie where no container is. @throws RunstateError NOT_SUPPORTED */
async function refuseForeign(system: SandboxSystem): Promise<void> {
  const root = system.containers.find(({ isRoot }) => isRoot);
  if (root === undefined || ['registered', 'creating'].includes(root.port.state)) return;
  const { spec } = await system.platform.inspection.madeFrom(root.cid);
  const own = spec.linux?.namespaces?.find(({ type }) => type === 'network');
  if (own !== undefined && (own.path === undefined || own.path === '')) return;
  const why = `its root container has ${own === undefined ? "the host's network" : `that of ${own.path ?? ''}`}`;
  throw new RunstateError('NOT_SUPPORTED', { what: 'giving the sandbox interfaces', why });
}

/**
 * Gives a sandbox interfaces, addresses and routes, before it has containers or while they run. When it rejects
 * nothing is changed. It settles only when that is sure: the request's files are in use until then.
 * @throws RunstateError WRONG_STATE, NOT_SUPPORTED, NETWORK_ONCE, INVALID_ARGUMENT, LINK_FILE, LINK_UNUSABLE, CANCELLED, DEADLINE,
 *   and the platform's own
 */
export function setUpNetwork(system: SandboxSystem, request: NetworkRequest, call: Call): Promise<void> {
  return system.port.during(
    (id) => ({ type: 'network', id }),
    async (signal) => {
      if (request.links.length > 0) await refuseForeign(system);
      await system.platform.network(request, signal);
    },
    system.deadlines.operation.network,
    call,
  );
}
