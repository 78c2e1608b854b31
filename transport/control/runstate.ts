import { isAbsolute } from 'node:path';
import { createContainer } from '../../actors/operations/create-container.ts';
import { describeContainer, describeContainers } from '../../actors/operations/describe-container.ts';
import { execProcess } from '../../actors/operations/exec-process.ts';
import { pauseContainer, resumeContainer } from '../../actors/operations/pause-container.ts';
import { startContainer } from '../../actors/operations/start-container.ts';
import { waitOom } from '../../actors/operations/wait-oom.ts';
import type { SandboxSystem } from '../../actors/sandbox/sandbox-system.ts';
import { RunstateError } from '../../errors/index.ts';
import { checkId } from '../../oci/index.ts';
import type { CreateArgs } from '../methods/index.ts';
import type { Call, Handlers } from '../server/index.ts';
import { actorCall, processFiles } from './call.ts';

/** What an OCI command line and the library need beyond the original's methods. */
export function runstateHandlers(system: SandboxSystem): Handlers {
  return {
    'runstate.Create': async (args, call) => {
      await create(system, args, call);
      return describeContainer(system, args.CID);
    },
    'runstate.Start': async ({ CID }, call) => {
      await startContainer(system, CID, actorCall(call));
      return null;
    },
    'runstate.Execute': async ({ CID, Process, ConsoleSocket }, call) => {
      const request = { process: Process, ...consoleSocket(ConsoleSocket) };
      const started = await execProcess(system, CID, request, processFiles(call), actorCall(call));
      return { PID: started.pid, HostPID: started.hostPid ?? 0 };
    },
    'runstate.State': ({ CID }) => describeContainer(system, CID),
    'runstate.List': () => describeContainers(system),
    'runstate.PauseContainer': async ({ CID }, call) => {
      await pauseContainer(system, CID, actorCall(call));
      return null;
    },
    'runstate.ResumeContainer': async ({ CID }, call) => {
      await resumeContainer(system, CID, actorCall(call));
      return null;
    },
    'runstate.WaitOom': async ({ CID, Seen }, call) =>
      (await waitOom(system, CID, Seen, actorCall(call))) ?? noMoreKills,
  };
}

const noMoreKills = -1;

async function create(system: SandboxSystem, args: CreateArgs, call: Call): Promise<void> {
  checkId(args.CID);
  if (!isAbsolute(args.Bundle))
    throw new RunstateError('BAD_ARGUMENT', {
      method: call.method,
      path: 'Bundle',
      why: `${JSON.stringify(args.Bundle)} is not an absolute path`,
    });
  if (args.OverlaySize !== undefined && args.OverlaySize <= 0)
    throw new RunstateError('BAD_ARGUMENT', {
      method: call.method,
      path: 'OverlaySize',
      why: `${args.OverlaySize} is no number of bytes`,
    });
  const request = {
    bundle: args.Bundle,
    spec: args.Spec,
    options: {
      noPivot: args.NoPivot,
      noNewKeyring: args.NoNewKeyring,
      ...(args.Init === undefined ? {} : { init: args.Init }),
      overlay: args.Overlay,
      overlaySize: args.OverlaySize,
    },
    ...consoleSocket(args.ConsoleSocket),
  };
  await createContainer(system, args.CID, { request, files: processFiles(call) }, actorCall(call));
}

const consoleSocket = (path: string): { readonly consoleSocket?: string } =>
  path === '' ? {} : { consoleSocket: path };
