import { setUpNetwork } from '../../actors/operations/set-up-network.ts';
import type { SandboxSystem } from '../../actors/sandbox/sandbox-system.ts';
import type { Handlers } from '../server/index.ts';
import { actorCall } from './call.ts';
import { networkRequest } from './network-args.ts';

/** The sandbox's network, by the original's name. The files are the call's: they are closed when it has ended. */
export function networkHandlers(system: SandboxSystem): Handlers {
  return {
    'Network.CreateLinksAndRoutes': async (args, call) => {
      await setUpNetwork(system, networkRequest(args, call.files.all()), actorCall(call));
      return null;
    },
    'containerManager.SetNetworkArgs': async (args, call) => {
      const isBefore = !system.has(system.id) || system.container(system.id).port.hasTag('unstarted');
      if (isBefore) await setUpNetwork(system, networkRequest(args, call.files.all()), actorCall(call));
      return null;
    },
  };
}
