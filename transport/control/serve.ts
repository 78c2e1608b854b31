/** Control servers for what this process hosts. */
import type { SandboxSystem } from '../../actors/sandbox/sandbox-system.ts';
import type { Serve, Supervisor } from '../../actors/supervisor/index.ts';
import type { Watchdog } from '../../actors/watchdog/index.ts';
import type { LevelControl, Logger } from '../../log/logger.ts';
import { profiles } from '../../profiling/profiles.ts';
import { sandboxAddresses, supervisorSocket } from '../address.ts';
import { ControlServer, type Handlers } from '../server/index.ts';
import { checkpointHandlers } from './checkpoint.ts';
import { RunscRecords } from '../compat/runsc/index.ts';
import { debugHandlers } from './debug.ts';
import { laterHandlers } from './later.ts';
import { lifecycleHandlers } from './lifecycle.ts';
import { loggingHandlers } from './logging.ts';
import { networkHandlers } from './network.ts';
import { observeHandlers } from './observe.ts';
import { processHandlers } from './processes.ts';
import { profileHandlers } from './profile.ts';
import { resourceHandlers } from './resources.ts';
import { runstateHandlers } from './runstate.ts';
import { Recorder } from './observation/recorder.ts';
import type { ServerView } from './server-view.ts';
import { statsHandlers } from './stats.ts';
import { supervisorHandlers } from './supervisor.ts';

export interface ServeOptions {
  /** Of the supervisor's log; without, its level cannot be changed. */
  readonly levels?: LevelControl;
  /** Keeps the files by which the original's command line finds a sandbox. */
  readonly compat?: 'runsc' | undefined;
  /** What watches this process. */
  readonly watchdog?: Watchdog | undefined;
}

/** Of a sandbox's handlers: what they have of the process. */
export interface HandlerParts extends ServeOptions {
  readonly view: ServerView;
  readonly recorder: Recorder;
}

/** Every method of a sandbox. */
export function sandboxHandlers(
  system: SandboxSystem,
  { view, levels, recorder, watchdog }: HandlerParts,
): Handlers {
  return {
    ...lifecycleHandlers(system),
    ...processHandlers(system),
    ...checkpointHandlers(system),
    ...networkHandlers(system),
    ...statsHandlers(system),
    ...debugHandlers(system, view),
    ...loggingHandlers(system, levels),
    ...profileHandlers(system),
    ...resourceHandlers(system, view, watchdog),
    ...laterHandlers(system),
    ...runstateHandlers(system),
    ...observeHandlers(system, recorder),
  };
}

/** What a supervisor serves each of its sandboxes with: its methods at all its addresses. Throws as ControlServer.listen. */
export function serveSandboxes(root: string, options: ServeOptions = {}): Serve {
  return async (system) => {
    const records = options.compat === undefined ? undefined : await RunscRecords.keep(root, system);
    let server: ControlServer;
    let recorder: Recorder | undefined;
    try {
      server = await ControlServer.listen(sandboxAddresses(root, system.id), {
        handlers: (view) => {
          recorder = new Recorder(system, view.observers);
          return sandboxHandlers(system, { ...options, view, recorder });
        },
        log: system.log,
        // By them alone the original's command line connects: whoever had one would get what is meant for the sandbox.
        needsAllNames: options.compat !== undefined,
      });
    } catch (error) {
      recorder?.[Symbol.dispose]();
      await records?.[Symbol.asyncDispose]();
      throw error;
    }
    const stopNoting = system.observe(({ kind, id, from, to, correlation }) => {
      if (from === to) return;
      profiles.note(`${kind} ${id}: ${from} → ${to}`, 'runstate', { kind, id, from, to, correlation });
    });
    return {
      // The reply to the Destroy that ended it still goes out; those who wait for it have been told.
      [Symbol.asyncDispose]: async () => {
        stopNoting();
        await Promise.all([
          server.stop({ timeout: lastReplies }),
          records?.[Symbol.asyncDispose](),
          profiles.endOf(system),
        ]);
        recorder?.[Symbol.dispose]();
      },
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
