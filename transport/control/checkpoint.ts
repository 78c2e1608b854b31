import type { RestoreRequest } from '../../actors/checkpoint/restore-job.ts';
import { checkpointSandbox } from '../../actors/operations/checkpoint-sandbox.ts';
import { restoreSandbox } from '../../actors/operations/restore-sandbox.ts';
import type { SandboxSystem } from '../../actors/sandbox/sandbox-system.ts';
import { RunstateError } from '../../errors/index.ts';
import type { CheckpointArgs, RestoreArgs } from '../methods/index.ts';
import type { Call, Handlers } from '../server/index.ts';
import { actorCall } from './call.ts';
import { progressTo } from './progress.ts';

/** Checkpoint and restore of the whole sandbox. Its files are the call's: they are closed when it has ended. */
export function checkpointHandlers(system: SandboxSystem): Handlers {
  return {
    'containerManager.Checkpoint': async (args, call) => {
      await checkpoint(system, args, call);
      return null;
    },
    'containerManager.Restore': async ({ SandboxID, Key, Hold }, call) => {
      if (SandboxID !== '' && SandboxID !== system.id)
        throw new RunstateError('SANDBOX_NOT_FOUND', { id: SandboxID });
      const request = {
        ...{ fd: call.files.get(0), key: keyOf(Key), hold: Hold, names: {} },
        ...{ root: undefined, files: undefined, consoleSocket: undefined },
      };
      await restoreSandbox(system, request, actorCall(call));
      return null;
    },
    'runstate.Restore': async (args, call) => {
      await restoreSandbox(system, restoreRequest(args, call), actorCall(call));
      return null;
    },
  };
}

async function checkpoint(system: SandboxSystem, args: CheckpointArgs, call: Call): Promise<void> {
  const progress = call.files.length > 1 ? call.files.get(1) : undefined;
  const request = {
    fd: call.files.get(0),
    key: keyOf(args.key),
    metadata: args.metadata,
    leaveRunning: args.LeaveRunning,
    compression: args.Compression === '' ? 'none' : args.Compression,
    exec: args.Exec === '' ? 'refuse' : args.Exec,
    onProgress: progressTo(progress),
  } as const;
  await checkpointSandbox(system, request, actorCall(call));
}

function restoreRequest(args: RestoreArgs, call: Call): RestoreRequest {
  const { Key, Hold, Names, Root, ConsoleSocket, Progress } = args;
  const [fd, ...rest] = call.files.all();
  if (fd === undefined) throw new RunstateError('FILES', { what: 'no statefile was sent' });
  const progress = Progress ? rest.shift() : undefined;
  return {
    fd,
    key: keyOf(Key),
    hold: Hold,
    names: Names,
    root: Root === null ? undefined : { bundle: Root.Bundle, spec: Root.Spec },
    files: rest.length === 0 ? undefined : rest,
    consoleSocket: ConsoleSocket === '' ? undefined : ConsoleSocket,
    onProgress: progressTo(progress),
  };
}

/** An empty key is none: Go marshals both alike. */
const keyOf = (key: Uint8Array | undefined): Uint8Array | undefined => (key?.length === 0 ? undefined : key);
