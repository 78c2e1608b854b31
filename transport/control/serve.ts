/** Control servers for what this process hosts. */
import type { SandboxSystem } from '../../actors/sandbox/sandbox-system.ts';
import type { Serve, Supervisor } from '../../actors/supervisor/index.ts';
import type { Logger } from '../../log/logger.ts';
import { sandboxAddresses, supervisorSocket } from '../address.ts';
import { ControlServer, type Handlers } from '../server/index.ts';
import { checkpointHandlers } from './checkpoint.ts';
import { lifecycleHandlers } from './lifecycle.ts';
import { networkHandlers } from './network.ts';
import { processHandlers } from './processes.ts';
import { runstateHandlers } from './runstate.ts';
import { statsHandlers } from './stats.ts';
import { supervisorHandlers } from './supervisor.ts';

/** Every method of a sandbox. */
export function sandboxHandlers(system: SandboxSystem): Handlers {
  return {
    ...lifecycleHandlers(system),
    ...processHandlers(system),
    ...checkpointHandlers(system),
    ...networkHandlers(system),
    ...statsHandlers(system),
    ...runstateHandlers(system),
  };
}

/** What a supervisor serves each of its sandboxes with: its methods at all its addresses. Throws as ControlServer.listen. */
export function serveSandboxes(root: string): Serve {
  return async (system) => {
    const server = await ControlServer.listen(sandboxAddresses(root, system.id), {
      handlers: sandboxHandlers(system),
      log: system.log,
    });
    return {
      // The reply to the Destroy that ended it still goes out; those who wait for it have been told.
      [Symbol.asyncDispose]: () => server.stop({ timeout: lastReplies }),
    };
  };
}

/** Ms. */
const lastReplies = 2000;

/** The socket of a supervisor of many sandboxes. Throws as ControlServer.listen. */
export function serveSupervisor(
  supervisor: Supervisor,
  log: Logger,
  shutdown: () => void,
): Promise<ControlServer> {
  return ControlServer.listen([supervisorSocket(supervisor.root)], {
    handlers: supervisorHandlers(supervisor, shutdown),
    log,
  });
}
