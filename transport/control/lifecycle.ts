import { isAbsolute } from 'node:path';
import { destroyContainer } from '../../actors/operations/destroy-container.ts';
import { pauseSandbox, resumeSandbox } from '../../actors/operations/pause-sandbox.ts';
import { registerContainer } from '../../actors/operations/register-container.ts';
import { createAndStartContainer, startContainer } from '../../actors/operations/start-container.ts';
import type { SandboxSystem } from '../../actors/sandbox/sandbox-system.ts';
import { RunstateError } from '../../errors/index.ts';
import { files } from '../../native/index.ts';
import { checkId } from '../../oci/index.ts';
import type { StartArgs } from '../methods/index.ts';
import type { Call, Handlers } from '../server/index.ts';
import { actorCall, holding } from './call.ts';

/** The life of containers, by the original's names (containerManager in runsc/boot/controller.go). */
export function lifecycleHandlers(system: SandboxSystem): Handlers {
  return {
    'containerManager.Create': (cid, call) => {
      registerContainer(system, checkId(cid), call.requestId);
      return null;
    },
    'containerManager.StartRoot': async (cid, call) => {
      if (cid !== system.id) throw new RunstateError('CONTAINER_NOT_FOUND', { id: cid, where: 'StartRoot' });
      await startContainer(system, cid, actorCall(call));
      return null;
    },
    'containerManager.Start': async (args, call) => {
      await startSubContainer(system, args, call);
      return null;
    },
    'containerManager.Destroy': async (cid, call) => {
      await destroyContainer(system, cid, actorCall(call));
      return null;
    },
    'containerManager.Pause': async (_arg, call) => {
      await pauseSandbox(system, actorCall(call));
      return null;
    },
    'containerManager.Resume': async (_arg, call) => {
      await resumeSandbox(system, actorCall(call));
      return null;
    },
  };
}

/** Index of the root file system among Start's files. */
const rootFile = 3;

/**
 * The fourth file is the root file system when it is a directory. In the original it is a socket to a process that
 * serves files (a gofer), as are those that follow: these are set aside, and the spec's own paths are used.
 */
export async function startSubContainer(system: SandboxSystem, args: StartArgs, call: Call): Promise<void> {
  const hasDirectory = files.fileKind(call.files.get(rootFile)) === 'directory';
  const path = args.Spec.root?.path;
  if (!hasDirectory && (path === undefined || !isAbsolute(path)))
    throw new RunstateError('BAD_ARGUMENT', {
      method: call.method,
      path: 'Spec.root.path',
      why: `${JSON.stringify(path ?? '')} is not absolute, and the fourth file is no directory`,
    });
  const descriptors = [call.files.take(0), call.files.take(1), call.files.take(2)];
  await createAndStartContainer(
    system,
    args.CID,
    {
      request: { bundle: '/', spec: args.Spec },
      files: holding(descriptors, hasDirectory ? call.files.take(rootFile) : undefined),
    },
    actorCall(call),
  );
}
