import { execProcess } from '../../actors/operations/exec-process.ts';
import { listAllProcesses, listProcesses } from '../../actors/operations/inspect-container.ts';
import { signalContainer } from '../../actors/operations/signal-container.ts';
import { waitContainer } from '../../actors/operations/wait-container.ts';
import { waitProcess } from '../../actors/operations/wait-process.ts';
import type { SandboxSystem } from '../../actors/sandbox/sandbox-system.ts';
import type { ProcessInfo } from '../../platforms/platform.ts';
import type { SignalArgs, WireProcess } from '../methods/index.ts';
import type { Call, Handlers } from '../server/index.ts';
import { actorCall, processFiles } from './call.ts';
import { processOf } from './exec-args.ts';
import { signalTarget } from './signal-args.ts';
import { waitStatus } from './wait-status.ts';

/** The processes of containers, by the original's names. */
export function processHandlers(system: SandboxSystem): Handlers {
  const signal = async (args: SignalArgs, call: Call): Promise<null> => {
    await signalContainer(system, args.CID, signalTarget(args), args.Signo, actorCall(call));
    return null;
  };
  return {
    'containerManager.ExecuteAsync': async (args, call) => {
      const request = { process: processOf(args), stdioIsTerminal: args.StdioIsPty };
      const started = await execProcess(
        system,
        args.ContainerID,
        request,
        processFiles(call),
        actorCall(call),
      );
      return started.pid;
    },
    'containerManager.Wait': async (cid, call) =>
      waitStatus(await waitContainer(system, cid, actorCall(call)), cid, 1),
    'containerManager.WaitPID': async ({ PID, CID }, call) =>
      waitStatus(await waitProcess(system, CID, PID, actorCall(call)), CID, PID),
    'containerManager.Signal': signal,
    'containerManager.SignalProcess': signal,
    'containerManager.Processes': async (cid, call) => {
      const processes =
        cid === ''
          ? await listAllProcesses(system, actorCall(call))
          : await listProcesses(system, cid, actorCall(call));
      return processes.map(wireProcess);
    },
  };
}

function wireProcess({ uid, pid, ppid, c, stime, time, cmd, threads, tty }: ProcessInfo): WireProcess {
  return { uid, pid, ppid, threads, c, tty, stime, time, cmd };
}
