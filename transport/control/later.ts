import { destroyContainer } from '../../actors/operations/destroy-container.ts';
import { pauseSandbox, resumeSandbox } from '../../actors/operations/pause-sandbox.ts';
import { registerContainer } from '../../actors/operations/register-container.ts';
import { waitCheckpoint, waitRestore } from '../../actors/operations/wait-state.ts';
import type { SandboxSystem } from '../../actors/sandbox/sandbox-system.ts';
import { RunstateError } from '../../errors/index.ts';
import type { PublicState } from '../../machines/public-state.ts';
import { checkId } from '../../oci/index.ts';
import type { Handlers } from '../server/index.ts';
import { actorCall } from './call.ts';
import { startSubContainer } from './lifecycle.ts';

/** The names of later releases (runsc/boot/controller.go of 2022 and 2024). */
export function laterHandlers(system: SandboxSystem): Handlers {
  return {
    'containerManager.CreateSubcontainer': ({ CID }, call) => {
      if (call.files.length > 0)
        throw new RunstateError('NOT_SUPPORTED', {
          what: 'a terminal of the client for a sub-container',
          why: 'make it by runstate.Create, with a console socket',
        });
      registerContainer(system, checkId(CID), call.requestId);
      return null;
    },
    'containerManager.StartSubcontainer': async (args, call) => {
      await startSubContainer(system, args, call);
      return null;
    },
    'containerManager.DestroySubcontainer': async (cid, call) => {
      await destroyContainer(system, cid, actorCall(call));
      return null;
    },
    'Lifecycle.Pause': async (_arg, call) => {
      await pauseSandbox(system, actorCall(call));
      return null;
    },
    'Lifecycle.Resume': async (_arg, call) => {
      await resumeSandbox(system, actorCall(call));
      return null;
    },
    'containerManager.ContainerRuntimeState': (cid) =>
      system.has(cid) ? runtimeStates[system.container(cid).publicState] : runtimeState.none,
    'containerManager.WaitCheckpoint': async (_arg, call) => {
      await waitCheckpoint(system, actorCall(call));
      return null;
    },
    'containerManager.WaitRestore': async (_arg, call) => {
      await waitRestore(system, actorCall(call));
      return null;
    },
  };
}

/** ContainerRuntimeState of the original. */
const runtimeState = { none: 0, creating: 1, running: 2, stopped: 3 } as const;

const runtimeStates: Readonly<Record<PublicState, number>> = {
  creating: runtimeState.creating,
  created: runtimeState.creating,
  running: runtimeState.running,
  paused: runtimeState.running,
  restored: runtimeState.running,
  checkpointed: runtimeState.stopped,
  stopped: runtimeState.stopped,
  destroyed: runtimeState.none,
};
