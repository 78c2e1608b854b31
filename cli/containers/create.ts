import { RunstateError, messageOf } from '../../errors/index.ts';
import { bootSandbox } from '../../library/boot-sandbox.ts';
import { connectSandbox } from '../../library/find-sandbox.ts';
import type { OverlayKind } from '../../platforms/platform.ts';
import type { ContainerState, ControlClient } from '../../transport/client/index.ts';
import type { Context } from '../context.ts';
import { destroyIfThere } from './destroy-if-there.ts';
import type { Source } from './source.ts';

export interface CreateOptions {
  /** Absolute; undefined for a container without a terminal. */
  readonly consoleSocket: string | undefined;
  readonly noPivot: boolean;
  readonly noNewKeyring: boolean;
  readonly init: 'runstate' | 'none' | undefined;
  /** Undefined: as the spec's annotations or the supervisor say. */
  readonly overlay: OverlayKind | undefined;
  /** Bytes. */
  readonly overlaySize: number | undefined;
  /** The process's descriptors, by number. */
  readonly files: readonly number[];
}

export interface Created {
  /** The caller's to close. */
  readonly client: ControlClient;
  readonly state: ContainerState;
  /** Destroys the container, of a root container the sandbox, and what was made for it alone. */
  readonly destroy: () => Promise<void>;
}

/**
 * Makes a container: in a sandbox of its own, which is booted, or in one that is there. When it fails, or the signal
 * is aborted, nothing is left.
 * @throws RunstateError of the boot, of finding the sandbox, of runstate.Create; the signal's reason
 */
export async function createContainer(
  context: Context,
  source: Source,
  options: CreateOptions,
  signal: AbortSignal,
): Promise<Created> {
  try {
    const { id, sandbox } = source;
    if (id === sandbox) await bootSandbox({ ...context, id }, signal);
    const client = await connectSandbox(context.root, sandbox);
    try {
      return await createIn(client, source, options, signal);
    } catch (error) {
      client.close();
      throw error;
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}

async function createIn(
  client: ControlClient,
  source: Source,
  options: CreateOptions,
  signal: AbortSignal,
): Promise<Created> {
  const { id, sandbox } = source;
  try {
    const { bundle, spec } = await source.prepare(signal);
    const state = await client.call(
      'runstate.Create',
      {
        CID: id,
        Bundle: bundle,
        Spec: spec,
        ConsoleSocket: options.consoleSocket ?? '',
        NoPivot: options.noPivot,
        NoNewKeyring: options.noNewKeyring,
        ...(options.init === undefined ? {} : { Init: options.init }),
        Overlay: options.overlay,
        OverlaySize: options.overlaySize,
      },
      { files: options.files, signal },
    );
    const destroy = async (): Promise<void> => {
      await destroyIfThere(client, id);
      await source.discard();
    };
    return { client, state, destroy };
  } catch (error) {
    // A sub-container that could not be created has been cleared away by the server.
    if (id === sandbox) await clearAway(id, error, () => client.call('containerManager.Destroy', id));
    await source.discard();
    throw error;
  }
}

/** Destroys what was made before something failed. @throws RunstateError that tells both, when that fails too */
export async function clearAway(id: string, error: unknown, destroy: () => Promise<unknown>): Promise<void> {
  try {
    await destroy();
  } catch (second) {
    const why = `${messageOf(second)}; before that: ${messageOf(error)}`;
    throw new RunstateError(
      'OPERATION_FAILED',
      { verb: 'clear away', kind: 'container', id, why },
      { cause: error },
    );
  }
}
