import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { RunstateError } from '../../errors/index.ts';
import type { Logger } from '../../log/logger.ts';
import type { ExitStatus } from '../exit-status.ts';
import type {
  ContainerStats,
  CreateRequest,
  CreatedContainer,
  ExecRequest,
  PlatformListener,
  PlatformSandbox,
  ProcessInfo,
  SandboxOptions,
  SignalTarget,
  StartedProcess,
} from '../platform.ts';
import { SandboxCgroups, detectLayout } from './cgroups/index.ts';
import { createByRuntime } from './container/create.ts';
import { destroyContainer } from './container/destroy.ts';
import { execByRuntime } from './container/exec.ts';
import { LinuxContainer } from './container/linux-container.ts';
import { signalTarget } from './container/signal.ts';
import { makeNetwork, removeNetwork } from './namespaces/network.ts';
import { containerPid, hostPidOf, processInfos } from './proc/index.ts';
import { ExitWatch } from './process/exit-watch.ts';
import { Runtime } from './runc/runtime.ts';
import { systemFailure } from './system-error.ts';

/** The containers of one sandbox, run by an OCI runtime. */
export class LinuxSandbox implements PlatformSandbox {
  readonly #id: string;
  readonly #directory: string;
  readonly #listener: PlatformListener;
  readonly #log: Logger;
  readonly #runtime: Runtime;
  readonly #cgroups: SandboxCgroups;
  readonly #containers = new Map<string, LinuxContainer>();
  #isClosed = false;

  private constructor(
    { id, directory }: SandboxOptions,
    listener: PlatformListener,
    log: Logger,
    runtime: Runtime,
    cgroups: SandboxCgroups,
  ) {
    this.#id = id;
    this.#directory = directory;
    this.#listener = listener;
    this.#log = log;
    this.#runtime = runtime;
    this.#cgroups = cgroups;
  }

  /**
   * Makes the sandbox's network namespace and its cgroup.
   * @throws RunstateError NOT_SUPPORTED, SYSTEM
   */
  static async open(
    options: SandboxOptions,
    listener: PlatformListener,
    binary: string,
    log: Logger,
  ): Promise<LinuxSandbox> {
    const { id, directory } = options;
    try {
      const layout = await detectLayout();
      const cgroups = await SandboxCgroups.open(layout, id);
      await mkdir(join(directory, 'bundles'), { recursive: true, mode: 0o700 });
      const sandbox = new LinuxSandbox(options, listener, log, new Runtime(binary, directory), cgroups);
      await makeNetwork(sandbox.#network);
      return sandbox;
    } catch (error) {
      throw systemFailure('open', `sandbox ${id}`, error);
    }
  }

  get #network(): string {
    return join(this.#directory, 'netns');
  }

  async create(request: CreateRequest, signal: AbortSignal): Promise<CreatedContainer> {
    const { cid } = request;
    const container = new LinuxContainer(cid, join(this.#directory, 'bundles', cid));
    this.#containers.set(cid, container);
    const hostPid = await container.during(
      createByRuntime(
        container,
        request,
        {
          runtime: this.#runtime,
          cgroupsPath: this.#cgroups.pathOf(cid),
          network: this.#network,
          rootPid: request.isRoot ? undefined : this.#containers.get(this.#id)?.initPid,
        },
        signal,
      ),
    );
    container.initPid = hostPid;
    container.oom = await this.#cgroups.watchOom(cid, (count) => {
      if (!this.#isClosed) this.#listener.oomKilled(cid, count);
    });
    container.init = new ExitWatch(hostPid, (status) => {
      container.init = undefined;
      this.#exited(container, undefined, status);
    });
    return { hostPid };
  }

  async start(cid: string, signal: AbortSignal): Promise<void> {
    const container = this.#container(cid);
    await container.during(this.#runtime.run('start', ['--', cid], signal));
  }

  async exec(cid: string, request: ExecRequest, signal: AbortSignal): Promise<StartedProcess> {
    const container = this.#container(cid);
    const hostPid = await container.during(execByRuntime(container, request, this.#runtime, signal));
    const pid = await containerPid(hostPid);
    if (pid === undefined)
      throw new RunstateError('SYSTEM', { call: 'read', what: `/proc/${hostPid}/status`, why: 'it is gone' });
    const watch = new ExitWatch(hostPid, (status) => {
      // A later process may have the same pid.
      if (container.execs.get(pid) === watch) container.execs.delete(pid);
      this.#exited(container, pid, status);
    });
    container.execs.set(pid, watch);
    return { pid, hostPid };
  }

  signal(cid: string, target: SignalTarget, signo: number): Promise<void> {
    return signalTarget(this.#container(cid), this.#cgroups, target, signo);
  }

  async freeze(cid: string | undefined, signal: AbortSignal): Promise<void> {
    try {
      await this.#cgroups.freeze(cid, signal);
    } catch (error) {
      throw signal.aborted ? error : systemFailure('freeze', cid ?? this.#id, error);
    }
  }

  async thaw(cid: string | undefined): Promise<void> {
    try {
      await this.#cgroups.thaw(cid);
    } catch (error) {
      throw systemFailure('thaw', cid ?? this.#id, error);
    }
  }

  async processes(cid: string): Promise<readonly ProcessInfo[]> {
    return processInfos(await this.#cgroups.pids(cid));
  }

  stats(cid: string): Promise<ContainerStats> {
    return this.#cgroups.stats(cid);
  }

  async waitProcess(cid: string, pid: number, signal: AbortSignal): Promise<ExitStatus> {
    signal.throwIfAborted();
    const hostPid = await hostPidOf(await this.#cgroups.pids(cid), pid);
    if (hostPid === undefined) throw new RunstateError('PROCESS_NOT_FOUND', { cid, pid });
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        watch.close();
        reject(
          signal.reason instanceof Error ? signal.reason : new Error('aborted', { cause: signal.reason }),
        );
      };
      const watch = new ExitWatch(hostPid, (status) => {
        signal.removeEventListener('abort', abort);
        resolve(status);
      });
      signal.addEventListener('abort', abort, { once: true });
    });
  }

  async destroy(cid: string, signal: AbortSignal): Promise<void> {
    const container = this.#containers.get(cid);
    if (container === undefined) return;
    await destroyContainer(container, this.#cgroups, this.#runtime, signal);
    this.#containers.delete(cid);
  }

  async close(signal: AbortSignal): Promise<void> {
    for (const cid of this.#containers.keys()) await this.destroy(cid, signal);
    this.#isClosed = true;
    removeNetwork(this.#network);
    const left = await this.#cgroups.close(signal);
    if (left.length > 0) throw new RunstateError('LEAKED', { kind: 'sandbox', id: this.#id, left });
    await rm(this.#directory, { recursive: true, force: true });
  }

  #container(cid: string): LinuxContainer {
    const container = this.#containers.get(cid);
    if (container === undefined) throw new RunstateError('CONTAINER_NOT_FOUND', { id: cid });
    return container;
  }

  /** A kill for want of memory is told before the end that it was the reason of. */
  #exited({ cid, oom }: LinuxContainer, pid: number | undefined, status: ExitStatus): void {
    const tell = (): void => {
      if (!this.#isClosed) this.#listener.exited(cid, pid, status);
    };
    (oom?.check() ?? Promise.resolve()).then(tell, (error: unknown) => {
      this.#log.warn('out-of-memory kills cannot be read', { container: cid, cause: error });
      tell();
    });
  }
}
