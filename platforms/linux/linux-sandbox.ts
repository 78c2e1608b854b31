import { failPoint, faultPoint } from '../../faults/fault-point.ts';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { RunstateError, isError, messageOf } from '../../errors/index.ts';
import type { Logger } from '../../log/logger.ts';
import type { AdoptRequest, AdoptedSandbox } from '../adoption.ts';
import type { ExitStatus } from '../exit-status.ts';
import type { LoadedContainer, LoadRequest, SavedContainer, SaveRequest } from '../checkpoint.ts';
import type {
  ContainerStats,
  CreateRequest,
  CreatedContainer,
  ExecRequest,
  InitKind,
  OverlayKind,
  PlatformListener,
  PlatformSandbox,
  ProcessInfo,
  SandboxOptions,
  SignalTarget,
  StartedProcess,
} from '../platform.ts';
import { cancelled } from '../cancelled.ts';
import type { NetworkRequest } from '../network.ts';
import { adoptContainers } from './adoption/index.ts';
import { SandboxCgroups, detectLayout } from './cgroups/index.ts';
import { cgroupName, sandboxPath } from './cgroups/paths.ts';
import type { CheckpointParts } from './checkpoint/checkpoint-parts.ts';
import { loadContainers } from './checkpoint/load.ts';
import { saveContainers } from './checkpoint/save.ts';
import { ContainerSet } from './container/container-set.ts';
import { createByRuntime } from './container/create.ts';
import { endedMeanwhile } from './container/ended-meanwhile.ts';
import { execByRuntime } from './container/exec.ts';
import { signalTarget } from './container/signal.ts';
import { startByRuntime } from './container/start.ts';
import { waitForProcess } from './container/wait.ts';
import { criuCommand, requireCriu } from './criu/index.ts';
import { LinuxInspection } from './inspection/index.ts';
import { mountsBelow } from './namespaces/mounts.ts';
import { makeNetwork, removeNetwork } from './namespaces/network.ts';
import { SandboxNetwork } from './network/index.ts';
import { processInfos, readStat } from './proc/index.ts';
import { keepsStatuses } from './init/index.ts';
import { reapFor } from './process/reaper.ts';
import { StatusKeeper } from './process/status-keeper.ts';
import { Runtime } from './runc/runtime.ts';
import { systemFailure } from './system-error.ts';

export interface OpenOptions {
  /** The OCI runtime's binary. */
  readonly runtime: string;
  /** Of containers for which none is asked. */
  readonly init: InitKind | undefined;
  /** Likewise. */
  readonly overlay: OverlayKind;
}

/** The containers of one sandbox, run by an OCI runtime. */
export class LinuxSandbox implements PlatformSandbox {
  readonly #id: string;
  readonly #directory: string;
  readonly #runtime: Runtime;
  readonly #cgroups: SandboxCgroups;
  readonly #containers: ContainerSet;
  readonly inspection: LinuxInspection;
  readonly #network: SandboxNetwork;
  readonly #statuses: StatusKeeper | undefined;
  readonly #stopReaping: () => void;
  #isClosed = false;

  private constructor(
    { id, directory }: SandboxOptions,
    listener: PlatformListener,
    log: Logger,
    { runtime, init, overlay }: Pick<OpenOptions, 'init' | 'overlay'> & { readonly runtime: Runtime },
    { cgroups, statuses }: { readonly cgroups: SandboxCgroups; readonly statuses: StatusKeeper | undefined },
  ) {
    this.#id = id;
    this.#directory = directory;
    const whileOpen: PlatformListener = {
      exited: (...event) => {
        if (!this.#isClosed) listener.exited(...event);
      },
      oomKilled: (...event) => {
        if (!this.#isClosed) listener.oomKilled(...event);
      },
    };
    this.#runtime = runtime;
    this.#cgroups = cgroups;
    const network = networkFile(directory);
    this.#network = new SandboxNetwork(id, network, log);
    this.#containers = new ContainerSet({
      ...{ root: id, directory, network, runtime, cgroups, listener: whileOpen, log, init, overlay },
      statuses,
    });
    this.#statuses = statuses;
    this.inspection = new LinuxInspection(this.#containers, cgroups, log);
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
    how: OpenOptions,
    log: Logger,
  ): Promise<LinuxSandbox> {
    const { id, directory } = options;
    try {
      const layout = await detectLayout();
      mkdirSync(join(directory, 'bundles'), { recursive: true, mode: 0o711 });
      const [keeps] = await Promise.all([keepsStatuses(), makeNetwork(networkFile(directory))]);
      try {
        failPoint('open.pinned');
        const cgroups = await SandboxCgroups.open(layout, cgroupName(id, directory));
        const runtime = new Runtime(how.runtime, directory);
        const statuses = keeps ? new StatusKeeper(directory, log) : undefined;
        return new LinuxSandbox(options, listener, log, { ...how, runtime }, { cgroups, statuses });
      } catch (error) {
        removeNetwork(networkFile(directory));
        throw error;
      }
    } catch (error) {
      throw systemFailure('open', `sandbox ${id}`, error);
    }
  }

  /**
   * Takes over what a supervisor that has died has left of the sandbox, as Platform.adoptSandbox.
   * @throws RunstateError NOT_SUPPORTED, SYSTEM, LEAKED; then nothing is looked after, and it may be tried again
   */
  static async adopt(
    options: SandboxOptions,
    request: AdoptRequest,
    listener: PlatformListener,
    how: OpenOptions,
    { log, signal }: { readonly log: Logger; readonly signal: AbortSignal },
  ): Promise<AdoptedSandbox> {
    const { id, directory } = options;
    const network = networkFile(directory);
    let sandbox: LinuxSandbox | undefined;
    try {
      mkdirSync(join(directory, 'bundles'), { recursive: true, mode: 0o711 });
      if (mountsBelow(network).length === 0) await makeNetwork(network);
      const cgroups = await SandboxCgroups.open(await detectLayout(), cgroupName(id, directory));
      const runtime = new Runtime(how.runtime, directory);
      const statuses = (await keepsStatuses()) ? new StatusKeeper(directory, log) : undefined;
      sandbox = new LinuxSandbox(options, listener, log, { ...how, runtime }, { cgroups, statuses });
      const parts = {
        ...{ containers: sandbox.#containers, cgroups, runtime, sandbox: id, directory, network },
        keeper: statuses?.pid,
      };
      return { sandbox, containers: await adoptContainers(request, parts, signal) };
    } catch (error) {
      if (sandbox !== undefined) await sandbox.#letGo();
      throw systemFailure('adopt', `sandbox ${id}`, error);
    }
  }

  async create(request: CreateRequest, signal: AbortSignal): Promise<CreatedContainer> {
    const { cid } = request;
    const container = this.#containers.add(cid);
    try {
      const hostPid = await container.during(signal, (both) =>
        this.#containers.adopt(container, request, (parts) =>
          createByRuntime(container, request, parts, both),
        ),
      );
      return { hostPid };
    } catch (error) {
      await this.#containers.discard(cid);
      throw systemFailure('create', `container ${cid}`, error);
    }
  }

  async start(cid: string, signal: AbortSignal): Promise<void> {
    const container = this.#containers.get(cid);
    try {
      await container.during(signal, (both) =>
        startByRuntime(container, this.#runtime, () => this.#cgroups.pids(cid), both),
      );
    } catch (cause) {
      // It was killed while it waited: what the runtime says of that are its own words.
      const isOfIt = isError(cause, 'RUNTIME_FAILED') || isError(cause, 'SYSTEM');
      if (!isOfIt || (await lives(container.initPid))) throw cause;
      const params = { verb: 'start', kind: 'container', id: cid, state: 'stopped' };
      throw new RunstateError('WRONG_STATE', params, { cause });
    }
    await this.inspection.traceNew(cid);
  }

  async exec(cid: string, request: ExecRequest, signal: AbortSignal): Promise<StartedProcess> {
    const container = this.#containers.get(cid);
    const pids = () => this.#cgroups.pids(cid);
    try {
      const started = await container.during(signal, (both) =>
        execByRuntime(container, request, this.#runtime, pids, both),
      );
      await this.inspection.traceNew(cid);
      return started;
    } catch (cause) {
      const error = signal.aborted ? cause : await endedMeanwhile(container, cause, pids);
      throw systemFailure('exec', `container ${cid}`, error);
    }
  }

  async signal(cid: string, target: SignalTarget, signo: number): Promise<void> {
    await signalTarget(this.#containers.get(cid), this.#cgroups, target, signo);
  }

  async freeze(cid: string | undefined, signal: AbortSignal): Promise<void> {
    if (cid !== undefined) this.#containers.get(cid);
    try {
      await this.#cgroups.freeze(cid, signal);
    } catch (error) {
      if (signal.aborted) throw cancelled('pause', cid ?? this.#id, signal);
      throw systemFailure('freeze', cid ?? this.#id, error);
    }
  }

  async thaw(cid: string | undefined): Promise<void> {
    if (cid !== undefined) this.#containers.get(cid);
    try {
      await this.#cgroups.thaw(cid);
    } catch (error) {
      throw systemFailure('thaw', cid ?? this.#id, error);
    }
  }

  async processes(cid: string): Promise<readonly ProcessInfo[]> {
    this.#containers.get(cid);
    return processInfos(await this.#cgroups.pids(cid));
  }

  async stats(cid: string): Promise<ContainerStats> {
    this.#containers.get(cid);
    return this.#cgroups.stats(cid);
  }

  async waitProcess(cid: string, pid: number, signal: AbortSignal): Promise<ExitStatus> {
    return waitForProcess(this.#containers.get(cid), this.#cgroups, pid, signal);
  }

  async save(request: SaveRequest, signal: AbortSignal): Promise<readonly SavedContainer[]> {
    this.inspection.refuseWhileTracing(this.#id);
    try {
      return await saveContainers(request, await this.#checkpointParts(), signal);
    } catch (error) {
      throw systemFailure('checkpoint', `sandbox ${this.#id}`, error);
    }
  }

  async load(request: LoadRequest, signal: AbortSignal): Promise<readonly LoadedContainer[]> {
    try {
      return await loadContainers(request, await this.#checkpointParts(), signal);
    } catch (error) {
      throw systemFailure('restore', `sandbox ${this.#id}`, error);
    }
  }

  network(request: NetworkRequest, signal: AbortSignal): Promise<void> {
    return this.#network.setUp(request, signal);
  }

  async #checkpointParts(): Promise<CheckpointParts> {
    return {
      root: this.#id,
      containers: this.#containers,
      runtime: this.#runtime,
      cgroups: this.#cgroups,
      network: networkFile(this.#directory),
      criu: await criuCommand(requireCriu()),
    };
  }

  destroy(cid: string, signal: AbortSignal): Promise<void> {
    return this.#containers.destroy(cid, signal);
  }

  async close(signal: AbortSignal): Promise<void> {
    if (this.#isClosed) return;
    await this.inspection.close();
    const subs = this.#containers.ids.filter((cid) => cid !== this.#id);
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
    await this.#statuses?.close();
  }

  /** Looks after nothing any more, and leaves all as it is. */
  async #letGo(): Promise<void> {
    this.#isClosed = true;
    this.#containers.letGo();
    this.#stopReaping();
    await this.#statuses?.close();
  }

  /** Gives what is left. */
  async #removeShared(signal: AbortSignal): Promise<readonly string[]> {
    try {
      await this.#network.close();
      removeNetwork(networkFile(this.#directory));
      failPoint('close.unpinned');
      const left = await this.#cgroups.close(signal);
      if (left.length > 0) return left;
      const mounts = mountsBelow(this.#directory);
      // What is mounted may be somebody's files: they are not removed.
      if (mounts.length > 0) return mounts.map((point) => `mount ${point}`);
      failPoint('close.uncgrouped');
      rmSync(this.#directory, { recursive: true, force: true });
      faultPoint('close.removed');
      return [];
    } catch (error) {
      throw systemFailure('close', `sandbox ${this.#id}`, error);
    }
  }
}

async function lives(pid: number | undefined): Promise<boolean> {
  const stat = pid === undefined ? undefined : await readStat(pid);
  return stat !== undefined && stat.state !== 'Z';
}

const networkFile = (directory: string): string => join(directory, 'netns');
