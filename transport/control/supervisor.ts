import type { HostedSandbox, Supervisor } from '../../actors/supervisor/index.ts';
import { RunstateError } from '../../errors/index.ts';
import { checkId } from '../../oci/index.ts';
import type { SandboxState } from '../methods/index.ts';
import type { Handlers } from '../server/index.ts';
import { actorCall } from './call.ts';

/**
 * The methods of a supervisor of many sandboxes.
 * @param shutdown ends the process once the reply is sent
 */
export function supervisorHandlers(supervisor: Supervisor, shutdown: () => void): Handlers {
  return {
    'supervisor.Boot': async ({ ID }, call) =>
      sandboxState(await supervisor.boot(checkId(ID), actorCall(call))),
    'supervisor.List': () => supervisor.sandboxes.map(sandboxState),
    'supervisor.Shutdown': async ({ Destroy }, call) => {
      const { sandboxes } = supervisor;
      if (!Destroy && sandboxes.length > 0)
        throw new RunstateError('WRONG_STATE', {
          verb: 'shut down',
          kind: 'supervisor',
          id: supervisor.root,
          state: 'hosting',
          why: `${sandboxes.length} sandboxes: ${sandboxes.map(({ system }) => system.id).join(', ')}`,
        });
      await supervisor.destroyAll(actorCall(call));
      shutdown();
      return null;
    },
  };
}

function sandboxState({ system }: HostedSandbox): SandboxState {
  return {
    ID: system.id,
    Chart: system.port.state,
    PID: process.pid,
    Containers: system.containers.length,
  };
}
