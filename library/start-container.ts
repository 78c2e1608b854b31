import { fileURLToPath } from 'node:url';
import { defaultSpec, parseSize, type DefaultSpecOptions } from '../oci/index.ts';
import type { ControlClient } from '../transport/client/index.ts';
import { makeBundle, removeBundle, rootFileSystem, writeConfig } from './bundle.ts';
import { Container } from './container.ts';
import type { ContainerOptions, SandboxOptions } from './sandbox-options.ts';
import { openStdio } from './stdio.ts';
import { undo } from './undo.ts';

/** Where the init of a sandbox without a program of its own is seen in its root container. */
const initPath = '/dev/runstate-init';
const init = fileURLToPath(new URL('../../build/runstate-init', import.meta.url));

/** The program of a root container, and what it needs. */
export function rootProgram({ args }: SandboxOptions): Pick<Start, 'args' | 'mounts'> {
  if (args !== undefined) return { args };
  return {
    args: [initPath, 'pause'],
    mounts: [
      { destination: initPath, type: 'bind', source: init, options: ['bind', 'ro', 'nosuid', 'nodev'] },
    ],
  };
}

export interface Start {
  readonly root: string;
  readonly client: ControlClient;
  readonly sandbox: string;
  readonly cid: string;
  readonly args: readonly string[];
  readonly mounts?: DefaultSpecOptions['mounts'];
  readonly options: ContainerOptions & { readonly signal?: AbortSignal };
}

/**
 * Creates a container and starts its program. When something of it fails, or it is aborted, nothing is left.
 * @throws RunstateError as Sandbox.create
 */
export async function startContainer(
  start: Start,
): Promise<{ readonly container: Container; readonly rootfs: string }> {
  const { root, client, sandbox, cid, args, options } = start;
  const signal = options.signal === undefined ? {} : { signal: options.signal };
  const { overlay = 'none', overlaySize } = options;
  const layer = overlaySize === undefined ? {} : { OverlaySize: parseSize(overlaySize, 'overlaySize') };
  const bundle = await makeBundle(root, sandbox, cid);
  const stdio = openStdio(options);
  try {
    const fileSystem = await rootFileSystem(options.rootfs, bundle, options.signal);
    const spec = defaultSpec({
      args,
      ...(options.env === undefined ? {} : { env: options.env }),
      rootfs: fileSystem.path,
      readonlyRoot: options.readonly ?? (!fileSystem.isOwn && overlay === 'none'),
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.user === undefined ? {} : { user: options.user }),
      ...(options.hostname === undefined ? {} : { hostname: options.hostname }),
      ...options.limits,
      ...(start.mounts === undefined ? {} : { mounts: start.mounts }),
    });
    await writeConfig(bundle, spec);
    await client.call(
      'runstate.Create',
      {
        ...{ CID: cid, Bundle: bundle, Spec: spec, ConsoleSocket: '', NoPivot: false, NoNewKeyring: false },
        ...(options.init === undefined ? {} : { Init: options.init }),
        ...(options.overlay === undefined ? {} : { Overlay: overlay }),
        ...layer,
      },
      { files: stdio.fds, ...signal },
    );
    stdio.sent();
    await client.call('runstate.Start', { CID: cid }, signal);
    return { container: new Container(client, sandbox, cid, stdio.streams, bundle), rootfs: fileSystem.path };
  } catch (error) {
    stdio.discard();
    await undo(client, cid, error, () => isMadeFrom(client, cid, bundle));
    await removeBundle(bundle);
    throw error;
  }
}

/** Whether a container is the one of that bundle, not one that had the id before. */
async function isMadeFrom(client: ControlClient, cid: string, bundle: string): Promise<boolean> {
  const containers = await client.call('runstate.List', null);
  return containers.some((one) => one.id === cid && one.bundle === bundle);
}
