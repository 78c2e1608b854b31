import { fileURLToPath } from 'node:url';
import { resolve } from 'node:path';
import { checkId, defaultSpec, newId, readBundle, type DefaultSpecOptions } from '../oci/index.ts';
import type { ContainerState, ControlClient, WireProcess } from '../transport/client/index.ts';
import { bootSandbox } from './boot-sandbox.ts';
import { makeBundle, removeBundle, rootFileSystem, writeConfig } from './bundle.ts';
import { Container } from './container.ts';
import { defaultRoot } from './default-root.ts';
import { connectSandbox } from './find-sandbox.ts';
import { type ProcessChoices } from './process-spec.ts';
import { openStdio, type StdioOptions } from './stdio.ts';

export interface Limits {
  /** Bytes, or with a unit: `512m`. */
  readonly memory?: number | string;
  /** How many processors' time it may use: `0.5`. */
  readonly cpus?: number;
  /** How many processes and threads it may have. */
  readonly pids?: number;
}

/** What a container is made of. */
export interface ContainerOptions extends ProcessChoices, StdioOptions {
  /** A directory, or a tar file, also one compressed by gzip. */
  readonly rootfs: string;
  /** The root file system may not be written to: true for a directory, which is yours; false for a tar file, of which the container gets a copy. */
  readonly readonly?: boolean;
  readonly limits?: Limits;
  readonly hostname?: string;
  /**
   * What pid 1 of the container is: `runstate`, an init of runstate's own that starts the program, by which exec'd
   * processes are part of a checkpoint (so it is wherever that is possible, unless this says otherwise), or `none`: the
   * program itself.
   */
  readonly init?: 'runstate' | 'none';
}

export interface SandboxOptions extends ContainerOptions {
  /** Made up when there is none. */
  readonly id?: string;
  /** The root container's program. Without one it only waits, so that others can be run. */
  readonly args?: readonly string[];
  /** The run directory: $RUNSTATE_ROOT or /run/runstate unless set. */
  readonly root?: string;
  /** The OCI runtime's binary: `runc` unless set. */
  readonly runtime?: string;
  /** Logs every transition. */
  readonly debug?: boolean;
  /** Aborting it ends the creation; nothing is left then. */
  readonly signal?: AbortSignal;
}

export type RunOptions = Partial<Pick<ContainerOptions, 'rootfs'>> &
  Omit<ContainerOptions, 'rootfs'> & { readonly id?: string; readonly signal?: AbortSignal };

interface Place {
  readonly root: string;
  readonly client: ControlClient;
  /** Destroy it when it is disposed of. */
  readonly isOwner: boolean;
  /** What `run` uses where it is given no other. */
  readonly rootfs: string | undefined;
}

/** Where the init of a sandbox without a program of its own is seen in its root container. */
const initPath = '/dev/runstate-init';
const init = fileURLToPath(new URL('../../build/runstate-init', import.meta.url));

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
    const root = options.root === undefined ? defaultRoot() : resolve(options.root);
    const id = checkId(options.id ?? newId());
    await bootSandbox(
      {
        root,
        id,
        ...(options.runtime === undefined ? {} : { runtime: options.runtime }),
        ...(options.debug === undefined ? {} : { debug: options.debug }),
      },
      signal,
    );
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
      const place = { root, client, isOwner: true, rootfs: made.rootfs };
      return new Sandbox(id, made.container, place);
    } catch (error) {
      try {
        await client.call('containerManager.Destroy', id);
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
    const place = { root, client, isOwner: false, rootfs: undefined };
    return new Sandbox(id, new Container(client, id, id), place);
  }

  /**
   * Starts another container in the sandbox: with limits, processes and mounts of its own, and the network of all.
   * Its root file system is that of the root container unless another is given.
   * @throws as {@link create}
   */
  async run(args: readonly string[], options: RunOptions = {}): Promise<Container> {
    const { root, client } = this.#place;
    const cid = checkId(options.id ?? newId());
    const rootfs = options.rootfs ?? this.#place.rootfs ?? (await this.#rootOfRoot());
    const made = await startContainer({
      ...{ root, client, sandbox: this.id, cid, args },
      options: { ...options, rootfs },
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

  /** Kills everything in it and removes it; its id is free then. This handle is of no use any more. */
  async destroy(): Promise<void> {
    await this.root.destroy();
    this.close();
  }

  /** Lets go of the sandbox without destroying it. */
  close(): void {
    this.#place.client.close();
  }

  /** Destroys a sandbox that this handle created; of one that it connected to, only closes the connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#place.isOwner) await this.destroy();
    else this.close();
  }

  async #rootOfRoot(): Promise<string> {
    const { bundle } = await this.root.state();
    const { spec } = await readBundle(bundle);
    return resolve(bundle, spec.root?.path ?? 'rootfs');
  }
}

/** The program of a root container, and what it needs. */
function rootProgram({ args }: SandboxOptions): Pick<Start, 'args' | 'mounts'> {
  if (args !== undefined) return { args };
  return {
    args: [initPath, 'pause'],
    mounts: [
      { destination: initPath, type: 'bind', source: init, options: ['bind', 'ro', 'nosuid', 'nodev'] },
    ],
  };
}

interface Start {
  readonly root: string;
  readonly client: ControlClient;
  readonly sandbox: string;
  readonly cid: string;
  readonly args: readonly string[];
  readonly mounts?: DefaultSpecOptions['mounts'];
  readonly options: ContainerOptions & { readonly signal?: AbortSignal };
}

async function startContainer(
  start: Start,
): Promise<{ readonly container: Container; readonly rootfs: string }> {
  const { root, client, sandbox, cid, args, options } = start;
  const signal = options.signal === undefined ? {} : { signal: options.signal };
  const bundle = await makeBundle(root, sandbox, cid);
  const stdio = openStdio(options);
  try {
    const fileSystem = await rootFileSystem(options.rootfs, bundle, options.signal);
    const spec = defaultSpec({
      args,
      ...(options.env === undefined ? {} : { env: options.env }),
      rootfs: fileSystem.path,
      readonlyRoot: options.readonly ?? !fileSystem.isOwn,
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
      },
      { files: stdio.fds, ...signal },
    );
    stdio.sent();
    await startOrDestroy(client, cid, signal);
    return { container: new Container(client, sandbox, cid, stdio.streams, bundle), rootfs: fileSystem.path };
  } catch (error) {
    stdio.discard();
    await removeBundle(bundle);
    throw error;
  }
}

async function startOrDestroy(
  client: ControlClient,
  cid: string,
  signal: { readonly signal?: AbortSignal },
): Promise<void> {
  try {
    await client.call('runstate.Start', { CID: cid }, signal);
  } catch (error) {
    await client.call('containerManager.Destroy', cid);
    throw error;
  }
}
