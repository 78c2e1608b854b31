import { closeSync } from 'node:fs';
import { resolve } from 'node:path';
import { RunstateError } from '../errors/index.ts';
import { checkId, newId, readBundle } from '../oci/index.ts';
import type { ContainerState, ControlClient, WireProcess } from '../transport/client/index.ts';
import { bootSandbox } from './boot-sandbox.ts';
import { checkpointTo, type CheckpointOptions } from './checkpoint.ts';
import { cloneFrom, saveToNameless } from './clone.ts';
import { Container } from './container.ts';
import { defaultRoot } from './default-root.ts';
import { connectSandbox } from './find-sandbox.ts';
import { openStatefile, restoreInto } from './restore.ts';
import {
  overlayOf,
  type ForkOptions,
  type OverlayOptions,
  type RestoreSandboxOptions,
  type RunOptions,
  type SandboxOptions,
} from './sandbox-options.ts';
import { openStdio, type Streams } from './stdio.ts';
import { rootProgram, startContainer } from './start-container.ts';
import { undo } from './undo.ts';

interface Place {
  readonly root: string;
  readonly client: ControlClient;
  /** Destroy it when it is disposed of. */
  readonly isOwner: boolean;
  /** What `run` uses where it is given no other. */
  readonly rootfs: string | undefined;
  /** As the root container's, likewise. */
  readonly overlay: OverlayOptions;
}

/**
 * A handle of a sandbox: a group of containers that share a network (loopback only), with a supervisor of its own
 * in the background. Others, also the command line, can connect to it by its id.
 *
 * ```ts
 * await using sandbox = await Sandbox.create({ rootfs: '/srv/busybox', limits: { memory: '256m' } });
 * const { stdout } = await (await sandbox.root.exec(['echo', 'hello'])).output();
 * ```
 */
export class Sandbox implements AsyncDisposable {
  readonly id: string;
  /** The root container, which gives the sandbox its id and its end. */
  readonly root: Container;
  readonly #place: Place;
  #isClosed = false;

  private constructor(id: string, root: Container, place: Place) {
    this.id = id;
    this.root = root;
    this.#place = place;
  }

  /**
   * Boots a sandbox and starts its root container. When something of it fails, nothing is left.
   * @throws RunstateError INVALID_ID, SANDBOX_EXISTS, SPEC, BUNDLE, COMMAND_NOT_FOUND, RUNTIME_MISSING, CANCELLED, …
   */
  static async create(options: SandboxOptions): Promise<Sandbox> {
    const { signal } = options;
    // What a program in JavaScript leaves out.
    if (typeof options.rootfs !== 'string')
      throw new RunstateError('INVALID_ARGUMENT', { what: 'rootfs is missing: a directory, or a tar file' });
    const { root, id } = placeOf(options);
    await bootSandbox({ ...bootOptions(options), root, id }, signal);
    const client = await connectSandbox(root, id);
    try {
      const made = await startContainer({
        root,
        client,
        sandbox: id,
        cid: id,
        options,
        ...rootProgram(options),
      });
      const place = { root, client, isOwner: true, rootfs: made.rootfs, overlay: overlayOf(options) };
      return new Sandbox(id, made.container, place);
    } catch (error) {
      try {
        await undo(client, id, error);
      } finally {
        client.close();
      }
      throw error;
    }
  }

  /** A handle of a sandbox that somebody else made. @throws RunstateError SANDBOX_NOT_FOUND, CONNECTION */
  static async connect(id: string, options: { readonly root?: string } = {}): Promise<Sandbox> {
    const root = options.root === undefined ? defaultRoot() : resolve(options.root);
    const client = await connectSandbox(root, id);
    const place = { root, client, isOwner: false, rootfs: undefined, overlay: {} };
    return new Sandbox(id, new Container(client, id, id), place);
  }

  /**
   * Starts another container in the sandbox: with limits, processes and mounts of its own, and the network of all.
   * Its root file system is that of the root container unless another is given.
   * @throws as {@link create}
   */
  async run(args: readonly string[], options: RunOptions = {}): Promise<Container> {
    const { root, client, overlay } = this.#place;
    const cid = checkId(options.id ?? newId());
    const rootfs = options.rootfs ?? this.#place.rootfs ?? (await this.#rootOfRoot());
    const made = await startContainer({
      ...{ root, client, sandbox: this.id, cid, args },
      options: { ...(options.overlay === undefined ? overlay : {}), ...options, rootfs },
    });
    return made.container;
  }

  /** A handle of one of its containers, which may be gone. */
  container(id: string): Container {
    return new Container(this.#place.client, this.id, id);
  }

  /** The state documents of its containers, the root first. */
  containers(): Promise<readonly ContainerState[]> {
    return this.#place.client.call('runstate.List', null);
  }

  /** The processes of all its containers. */
  processes(): Promise<readonly WireProcess[]> {
    return this.#place.client.call('containerManager.Processes', '');
  }

  /** Stops every process of every container at one instant. */
  async pause(): Promise<void> {
    await this.#place.client.call('containerManager.Pause', null);
  }

  /** Undoes {@link pause}. */
  async resume(): Promise<void> {
    await this.#place.client.call('containerManager.Resume', null);
  }

  /**
   * Saves the whole sandbox, all its containers at one instant, to a file, which is there only when it is complete.
   * Unless it is left running, its processes are gone then: destroy it, and it can come back under its id.
   * @param path a file, or a directory for `checkpoint.img` in it
   * @throws RunstateError CHECKPOINT_REFUSED, CHECKPOINT_FAILED, WRONG_STATE, CANCELLED, …; then it goes on as it was
   */
  async checkpoint(path: string, options: CheckpointOptions = {}): Promise<void> {
    await checkpointTo(this.#place.client, path, options);
  }

  /**
   * Makes a sandbox from what a checkpoint saved; its containers go on where they were. Standard streams that were pipes
   * or files are what the options say, of all but the root container /dev/null. When something of it fails, nothing is left.
   * @throws RunstateError STATEFILE_…, RESTORE_FAILED, SANDBOX_EXISTS, CONTAINER_EXISTS, CANCELLED, …
   */
  static async restore(path: string, options: RestoreSandboxOptions = {}): Promise<Sandbox> {
    const { root, id } = placeOf(options);
    const fd = openStatefile(path);
    try {
      const stdio = openStdio({ stdout: 'ignore', stderr: 'ignore', ...options });
      try {
        const what = { ...options, fd, files: stdio.fds };
        const client = await restoreInto({ ...bootOptions(options), root, id }, what);
        stdio.sent();
        return Sandbox.#handle(id, root, client, stdio.streams);
      } catch (error) {
        stdio.discard();
        throw error;
      }
    } finally {
      closeSync(fd);
    }
  }

  /**
   * Makes clones of this sandbox, which goes on: each with its memory, processes and files as they are now, and a
   * network and limits of its own. One that fails does not keep the others: each outcome tells for itself.
   * @param clones how many, or their ids
   * @throws RunstateError as {@link checkpoint}, when it could not be saved
   */
  async fork(
    clones: number | readonly string[],
    options: ForkOptions = {},
  ): Promise<readonly PromiseSettledResult<Sandbox>[]> {
    const { root, client } = this.#place;
    const fd = await saveToNameless(client, root, options);
    try {
      return await Sandbox.#cloneAll(fd, root, clones, options);
    } finally {
      closeSync(fd);
    }
  }

  /** As {@link fork}, from what a checkpoint saved. @throws RunstateError STATEFILE_…, SYSTEM when it cannot be read */
  static async fork(
    path: string,
    clones: number | readonly string[],
    options: ForkOptions & { readonly root?: string; readonly key?: Uint8Array } = {},
  ): Promise<readonly PromiseSettledResult<Sandbox>[]> {
    const fd = openStatefile(path);
    try {
      return await Sandbox.#cloneAll(fd, placeOf(options).root, clones, options);
    } finally {
      closeSync(fd);
    }
  }

  static async #cloneAll(
    fd: number,
    root: string,
    clones: number | readonly string[],
    options: ForkOptions & { readonly key?: Uint8Array },
  ): Promise<readonly PromiseSettledResult<Sandbox>[]> {
    const ids = typeof clones === 'number' ? Array.from({ length: clones }, newId) : clones.map(checkId);
    const outcomes = await cloneFrom(fd, { ...bootOptions(options), root }, ids, options);
    return outcomes.map((one) =>
      'client' in one
        ? { status: 'fulfilled', value: Sandbox.#handle(one.id, root, one.client) }
        : { status: 'rejected', reason: one.error },
    );
  }

  static #handle(id: string, root: string, client: ControlClient, streams?: Streams): Sandbox {
    const place = { root, client, isOwner: true, rootfs: undefined, overlay: {} };
    return new Sandbox(id, new Container(client, id, id, streams), place);
  }

  /** Kills everything in it and removes it; its id is free then. This handle is of no use any more. Nothing after a destroy or close. */
  async destroy(): Promise<void> {
    if (this.#isClosed) return;
    await this.root.destroy();
    this.close();
  }

  /** Lets go of the sandbox without destroying it. Idempotent. */
  close(): void {
    this.#isClosed = true;
    this.#place.client.close();
  }

  /**
   * Destroys a sandbox that this handle created; of one that it connected to, only closes the connection. Nothing
   * after a destroy or close.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    if (this.#place.isOwner) await this.destroy();
    else this.close();
  }

  async #rootOfRoot(): Promise<string> {
    const { bundle } = await this.root.state();
    const { spec } = await readBundle(bundle);
    return resolve(bundle, spec.root?.path ?? 'rootfs');
  }
}

function placeOf(options: { readonly root?: string; readonly id?: string }): {
  readonly root: string;
  readonly id: string;
} {
  const root = options.root === undefined ? defaultRoot() : resolve(options.root);
  return { root, id: checkId(options.id ?? newId()) };
}

function bootOptions({
  runtime,
  debug,
}: Pick<SandboxOptions, 'runtime' | 'debug'>): Pick<SandboxOptions, 'runtime' | 'debug'> {
  return { ...(runtime === undefined ? {} : { runtime }), ...(debug === undefined ? {} : { debug }) };
}
