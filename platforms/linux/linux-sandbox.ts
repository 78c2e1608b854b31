import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { RunstateError, messageOf } from '../../errors/index.ts';
import type { Logger } from '../../log/logger.ts';
import type { ExitStatus } from '../exit-status.ts';
import type {
  ContainerStats,
  CreateRequest,
  CreatedContainer,
  ExecRequest,
  InitKind,
  PlatformListener,
  PlatformSandbox,
  ProcessInfo,
  SandboxOptions,
  SignalTarget,
  StartedProcess,
} from '../platform.ts';
import { cancelled } from './cancelled.ts';
import { SandboxCgroups, detectLayout } from './cgroups/index.ts';
import { cgroupName, sandboxPath } from './cgroups/paths.ts';
import { createByRuntime, initPidFile } from './container/create.ts';
import { destroyContainer } from './container/destroy.ts';
import { execByRuntime } from './container/exec.ts';
import { LinuxContainer } from './container/linux-container.ts';
import { signalTarget } from './container/signal.ts';
import { startByRuntime } from './container/start.ts';
import { waitForProcess } from './container/wait.ts';
import { mountsBelow } from './namespaces/mounts.ts';
import { makeNetwork, removeNetwork } from './namespaces/network.ts';
import { SharedNamespaces } from './namespaces/shared.ts';
import { processInfos } from './proc/index.ts';
import { expectProcess, reapFor } from './process/reaper.ts';
import { Runtime } from './runc/runtime.ts';
import { systemFailure } from './system-error.ts';

/** How long the remains of a container that could not be created may take to go, in ms. */
const discardTimeout = 10_000;

/** The containers of one sandbox, run by an OCI runtime. */
export class LinuxSandbox implements PlatformSandbox {
  readonly #id: string;
  readonly #directory: string;
  readonly #listener: PlatformListener;
  readonly #log: Logger;
  readonly #runtime: Runtime;
  readonly #usualInit: InitKind | undefined;
  readonly #cgroups: SandboxCgroups;
  readonly #containers = new Map<string, LinuxContainer>();
  readonly #destroying = new Map<string, Promise<void>>();
  readonly #stopReaping: () => void;
  /** Of the root container, once it is created. */
  #shared: SharedNamespaces | undefined;
  #isClosed = false;

  private constructor(
    { id, directory }: SandboxOptions,
    listener: PlatformListener,
    log: Logger,
    { runtime, init }: { readonly runtime: Runtime; readonly init: InitKind | undefined },
    cgroups: SandboxCgroups,
  ) {
    this.#id = id;
    this.#directory = directory;
    this.#listener = {
      exited: (...event) => {
        if (!this.#isClosed) listener.exited(...event);
      },
      oomKilled: (...event) => {
        if (!this.#isClosed) listener.oomKilled(...event);
      },
    };
    this.#log = log;
    this.#runtime = runtime;
    this.#usualInit = init;
    this.#cgroups = cgroups;
    this.#stopReaping = reapFor(sandboxPath(cgroupName(id, directory)));
  }

  /**
   * Makes the sandbox's network namespace and its cgroup. When it rejects nothing of them is left.
   * @param how the OCI runtime's binary, and the init of containers for which none is asked
   * @throws RunstateError NOT_SUPPORTED, SYSTEM
   */
  static async open(
    options: SandboxOptions,
    listener: PlatformListener,
    how: { readonly runtime: string; readonly init: InitKind | undefined },
    log: Logger,
  ): Promise<LinuxSandbox> {
    const { id, directory } = options;
    try {
      const layout = await detectLayout();
      mkdirSync(join(directory, 'bundles'), { recursive: true, mode: 0o711 });
      await makeNetwork(networkFile(directory));
      try {
        const cgroups = await SandboxCgroups.open(layout, cgroupName(id, directory));
        const runtime = new Runtime(how.runtime, directory);
        return new LinuxSandbox(options, listener, log, { runtime, init: how.init }, cgroups);
      } catch (error) {
        removeNetwork(networkFile(directory));
        throw error;
      }
    } catch (error) {
      throw systemFailure('open', `sandbox ${id}`, error);
    }
  }

  async create(request: CreateRequest, signal: AbortSignal): Promise<CreatedContainer> {
    const { cid } = request;
    if (this.#containers.has(cid)) throw new RunstateError('CONTAINER_EXISTS', { id: cid });
    const directory = join(this.#directory, 'bundles', cid);
    const container = new LinuxContainer(cid, directory, this.#listener, this.#log);
    this.#containers.set(cid, container);
    try {
      return await container.during(signal, (both) => this.#create(container, request, both));
    } catch (error) {
      await this.#discard(cid);
      throw systemFailure('create', `container ${cid}`, error);
    }
  }

  async start(cid: string, signal: AbortSignal): Promise<void> {
    const container = this.#container(cid);
    await container.during(signal, (both) =>
      startByRuntime(container, this.#runtime, () => this.#cgroups.pids(cid), both),
    );
  }

  async exec(cid: string, request: ExecRequest, signal: AbortSignal): Promise<StartedProcess> {
    const container = this.#container(cid);
    const pids = () => this.#cgroups.pids(cid);
    try {
      return await container.during(signal, (both) =>
        execByRuntime(container, request, this.#runtime, pids, both),
      );
    } catch (error) {
      throw systemFailure('exec', `container ${cid}`, error);
    }
  }

  async signal(cid: string, target: SignalTarget, signo: number): Promise<void> {
    await signalTarget(this.#container(cid), this.#cgroups, target, signo);
  }

  async freeze(cid: string | undefined, signal: AbortSignal): Promise<void> {
    if (cid !== undefined) this.#container(cid);
    try {
      await this.#cgroups.freeze(cid, signal);
    } catch (error) {
      if (signal.aborted) throw cancelled('pause', cid ?? this.#id, signal);
      throw systemFailure('freeze', cid ?? this.#id, error);
    }
  }

  async thaw(cid: string | undefined): Promise<void> {
    if (cid !== undefined) this.#container(cid);
    try {
      await this.#cgroups.thaw(cid);
    } catch (error) {
      throw systemFailure('thaw', cid ?? this.#id, error);
    }
  }

  async processes(cid: string): Promise<readonly ProcessInfo[]> {
    this.#container(cid);
    return processInfos(await this.#cgroups.pids(cid));
  }

  async stats(cid: string): Promise<ContainerStats> {
    this.#container(cid);
    return this.#cgroups.stats(cid);
  }

  async waitProcess(cid: string, pid: number, signal: AbortSignal): Promise<ExitStatus> {
    return waitForProcess(this.#container(cid), this.#cgroups, pid, signal);
  }

  async destroy(cid: string, signal: AbortSignal): Promise<void> {
    // One after the other: the second finds nothing, or what the first could not remove.
    while (this.#destroying.has(cid)) await Promise.allSettled([this.#destroying.get(cid)]);
    const container = this.#containers.get(cid);
    if (container === undefined) return;
    const work = this.#destroy(container, signal);
    this.#destroying.set(cid, work);
    try {
      await work;
    } finally {
      if (this.#destroying.get(cid) === work) this.#destroying.delete(cid);
    }
  }

  async close(signal: AbortSignal): Promise<void> {
    if (this.#isClosed) return;
    const subs = [...this.#containers.keys()].filter((cid) => cid !== this.#id);
    const outcomes = await Promise.allSettled(subs.map((cid) => this.destroy(cid, signal)));
    outcomes.push(...(await Promise.allSettled([this.destroy(this.#id, signal)])));
    const causes = outcomes.flatMap((one): unknown[] => (one.status === 'rejected' ? [one.reason] : []));
    const left = causes.length > 0 ? causes.map(messageOf) : await this.#removeShared(signal);
    if (left.length > 0) {
      const options = causes.length === 0 ? {} : { cause: new AggregateError(causes) };
      throw new RunstateError('LEAKED', { kind: 'sandbox', id: this.#id, left }, options);
    }
    this.#isClosed = true;
    this.#stopReaping();
  }

  async #create(
    container: LinuxContainer,
    request: CreateRequest,
    signal: AbortSignal,
  ): Promise<CreatedContainer> {
    const { cid } = container;
    const pidFile = initPidFile(container);
    const expected = expectProcess(pidFile);
    try {
      const shared = request.isRoot ? undefined : this.#shared;
      const cgroupsPath = this.#cgroups.pathOf(cid);
      const network = networkFile(this.#directory);
      const parts = { runtime: this.#runtime, cgroupsPath, network, shared, init: this.#usualInit };
      const hostPid = await createByRuntime(container, request, parts, signal);
      container.initPid = hostPid;
      if (request.isRoot) this.#shared = SharedNamespaces.hold(hostPid, namespacesOf(request));
      container.oom = await this.#watchOom(cid);
      container.watchInit(hostPid);
      return { hostPid };
    } finally {
      expected();
      rmSync(pidFile, { force: true });
    }
  }

  async #watchOom(cid: string): ReturnType<SandboxCgroups['watchOom']> {
    try {
      return await this.#cgroups.watchOom(cid, (count) => {
        this.#listener.oomKilled(cid, count);
      });
    } catch (error) {
      throw systemFailure('watch', `the memory of container ${cid}`, error);
    }
  }

  /** What could not be created is gone when that is told: its id may be used again. If it cannot be, `destroy` is left to try. */
  async #discard(cid: string): Promise<void> {
    try {
      await this.destroy(cid, AbortSignal.timeout(discardTimeout));
    } catch (error) {
      this.#log.error('what there was of a container that could not be created was not removed', {
        container: cid,
        cause: messageOf(error),
      });
    }
  }

  async #destroy(container: LinuxContainer, signal: AbortSignal): Promise<void> {
    const { cid } = container;
    const parts = { cgroups: this.#cgroups, runtime: this.#runtime, log: this.#log };
    try {
      await destroyContainer(container, parts, signal);
    } catch (error) {
      throw systemFailure('destroy', `container ${cid}`, error);
    }
    if (this.#containers.get(cid) === container) this.#containers.delete(cid);
    if (cid !== this.#id) return;
    this.#shared?.close();
    this.#shared = undefined;
  }

  /** Gives what is left. */
  async #removeShared(signal: AbortSignal): Promise<readonly string[]> {
    try {
      removeNetwork(networkFile(this.#directory));
      const left = await this.#cgroups.close(signal);
      if (left.length > 0) return left;
      const mounts = mountsBelow(this.#directory);
      // What is mounted may be somebody's files: they are not removed.
      if (mounts.length > 0) return mounts.map((point) => `mount ${point}`);
      rmSync(this.#directory, { recursive: true, force: true });
      return [];
    } catch (error) {
      throw systemFailure('close', `sandbox ${this.#id}`, error);
    }
  }

  #container(cid: string): LinuxContainer {
    const container = this.#containers.get(cid);
    if (container === undefined) throw new RunstateError('CONTAINER_NOT_FOUND', { id: cid });
    return container;
  }
}

const networkFile = (directory: string): string => join(directory, 'netns');

const namespacesOf = ({ spec }: CreateRequest): readonly string[] =>
  (spec.linux?.namespaces ?? []).map(({ type }) => type);
