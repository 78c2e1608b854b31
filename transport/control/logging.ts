import type { SandboxSystem } from '../../actors/sandbox/sandbox-system.ts';
import { RunstateError } from '../../errors/index.ts';
import type { LevelControl, LogLevel } from '../../log/logger.ts';
import type { LoggingArgs } from '../methods/index.ts';
import type { Handlers } from '../server/index.ts';

/**
 * Changes of logging. All that is asked is checked first: either all of it is done, or it is refused and nothing is.
 * @param levels of the supervisor's log; undefined where it keeps none
 */
export function loggingHandlers(system: SandboxSystem, levels: LevelControl | undefined): Handlers {
  return {
    'Logging.Change': async (args) => {
      const level = args.SetLevel ? levelOf(args.Level) : undefined;
      refuse(args, level !== undefined && levels === undefined);
      if (args.SetStrace) {
        const calls = [...args.StraceAllowlist, ...args.StraceWhitelist];
        await system.platform.inspection.traceCalls(args.EnableStrace ? { calls } : undefined);
      }
      if (level !== undefined && levels !== undefined) levels.level = level;
      system.log.info('logging was changed', {
        level,
        ...(args.SetStrace ? { strace: args.EnableStrace } : {}),
      });
      return 0;
    },
  };
}

/** By the names of gVisor's pkg/log, without regard to case, and runstate's own. */
const levelNames: Readonly<Record<string, LogLevel>> = {
  debug: 'debug',
  info: 'info',
  warning: 'warn',
  warn: 'warn',
  error: 'error',
};

function levelOf(name: string): LogLevel {
  const level = Object.hasOwn(levelNames, name.toLowerCase()) ? levelNames[name.toLowerCase()] : undefined;
  if (level !== undefined) return level;
  // The original's words.
  throw new RunstateError('INVALID_ARGUMENT', { what: `unknown level ${JSON.stringify(name)}` });
}

/** What the kernel's own network stack and this log do not do, by name. */
function refuse(args: LoggingArgs, hasNoLog: boolean): void {
  const not = (what: string, why: string): never => {
    throw new RunstateError('NOT_SUPPORTED', { what, why });
  };
  if (hasNoLog) not('changing the level', 'this supervisor keeps no log');
  if (args.SetLogPackets && args.LogPackets)
    not('logging packets', "the network is the kernel's: use tcpdump in the sandbox's network namespace");
  const events = [...args.StraceEventAllowlist, ...args.StraceEventWhitelist];
  if (args.SetEventStrace && events.length > 0)
    not('tracing system calls as events', 'only the log takes them: set EnableStrace');
}
