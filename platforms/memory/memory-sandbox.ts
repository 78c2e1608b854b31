import { rmSync } from 'node:fs';
import { RunstateError, isRunstateError, messageOf } from '../../errors/index.ts';
import type { ProcessSpec } from '../../oci/types.ts';
import { cancelled, isAborted } from '../cancelled.ts';
import type { LoadRequest, LoadedContainer, SaveRequest, SavedContainer } from '../checkpoint.ts';
import type { ExitStatus } from '../exit-status.ts';
import type { PlatformInspection } from '../inspection.ts';
import { checkNetwork, isWhole, type NetworkRequest } from '../network.ts';
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
import { ContainerSet } from './container-set.ts';
import { processInfos, stats } from './describe.ts';
import { memoryInspection } from './inspection.ts';
import { loadContainers } from './load.ts';
import { MemoryContainer, uidOf } from './memory-container.ts';
import { programOf } from './programs.ts';
import { saveContainers } from './save.ts';
import { signalTarget } from './signal.ts';

/** The containers of one sandbox, none of them real. */
export class MemorySandbox implements PlatformSandbox {
  readonly #id: string;
  readonly #directory: string;
  readonly #containers: ContainerSet;
  readonly inspection: PlatformInspection;
  readonly #listener: PlatformListener;
  #isNetworkSetUp = false;
  #isClosed = false;

  constructor({ id, directory }: SandboxOptions, listener: PlatformListener) {
    this.#id = id;
    this.#directory = directory;
    this.#containers = new ContainerSet();
    this.inspection = memoryInspection(this.#containers);
    this.#listener = {
      exited: (...event) => {
        if (!this.#isClosed) listener.exited(...event);
      },
      oomKilled: (...event) => {
        if (!this.#isClosed) listener.oomKilled(...event);
      },
    };
  }

  async create(request: CreateRequest, signal: AbortSignal): Promise<CreatedContainer> {
    const { cid, bundle, spec, options = {}, files } = request;
    this.#needOpen();
    const container = new MemoryContainer(cid, { bundle, spec, options }, this.#listener);
    this.#containers.add(container);
    try {
      await this.#turn('create', container, signal);
      if (options.init === 'runstate') throw notSupported("an init of runstate's own");
      refuseTerminal(spec.process);
      const program = programOf(spec.process?.args);
      const uid = spec.process === undefined ? 0 : uidOf(spec.process);
      container.launch(program, { origin: 'init', parent: undefined, files, uid });
      return {};
    } catch (error) {
      await this.#containers.destroy(cid, container);
      throw failure('create', cid, error);
    }
  }

  async start(cid: string, signal: AbortSignal): Promise<void> {
    const container = this.#containers.get(cid);
    await this.#turn('start', container, signal);
    const { init } = container;
    if (init === undefined || init.hasBegun) {
      const why = init === undefined ? 'its program has ended' : 'its program has started';
      throw new RunstateError('OPERATION_FAILED', { verb: 'start', kind: 'container', id: cid, why });
    }
    container.begin(init);
  }

  async exec(cid: string, request: ExecRequest, signal: AbortSignal): Promise<StartedProcess> {
    const { process, files, stdioIsTerminal } = request;
    const container = this.#containers.get(cid);
    await this.#turn('exec', container, signal);
    if (container.init === undefined) {
      const why = 'its program has ended';
      throw new RunstateError('OPERATION_FAILED', { verb: 'exec in', kind: 'container', id: cid, why });
    }
    try {
      refuseTerminal(stdioIsTerminal === true ? { ...process, terminal: true } : process);
      const program = programOf(process.args);
      const uid = uidOf(process);
      const started = container.launch(program, { origin: 'exec', parent: undefined, files, uid });
      container.begin(started);
      return { pid: started.pid };
    } catch (error) {
      throw failure('exec', cid, error);
    }
  }

  signal(cid: string, target: SignalTarget, signo: number): Promise<void> {
    return promised(() => signalTarget(this.#containers.get(cid), target, signo));
  }

  freeze(cid: string | undefined, signal: AbortSignal): Promise<void> {
    return promised(() => {
      if (isAborted(signal)) throw cancelled('pause', cid ?? this.#id, signal);
      this.#containers.setFrozen(cid, true);
    });
  }

  thaw(cid: string | undefined): Promise<void> {
    return promised(() => this.#containers.setFrozen(cid, false));
  }

  processes(cid: string): Promise<readonly ProcessInfo[]> {
    return promised(() => processInfos(this.#containers.get(cid)));
  }

  stats(cid: string): Promise<ContainerStats> {
    return promised(() => stats(this.#containers.get(cid)));
  }

  async waitProcess(cid: string, pid: number, signal: AbortSignal): Promise<ExitStatus> {
    const container = this.#containers.get(cid);
    if (isAborted(signal)) throw cancelled('wait for a process', cid, signal);
    try {
      const status = await container.ended(pid, signal);
      if (status !== undefined) return status;
    } catch (error) {
      if (isAborted(signal)) throw cancelled('wait for a process', cid, signal);
      throw error;
    }
    throw new RunstateError('PROCESS_NOT_FOUND', { cid, pid });
  }

  save(request: SaveRequest, signal: AbortSignal): Promise<readonly SavedContainer[]> {
    return saveContainers(request, this.#containers, signal);
  }

  async load(request: LoadRequest, signal: AbortSignal): Promise<readonly LoadedContainer[]> {
    this.#needOpen();
    return loadContainers(request, this.#containers, this.#listener, signal);
  }

  /** The files may be any: nothing is behind them here. */
  network(request: NetworkRequest, signal: AbortSignal): Promise<void> {
    return promised(() => {
      this.#needOpen();
      if (isAborted(signal)) throw cancelled('set up the network of', this.#id, signal);
      checkNetwork(request);
      if (!isWhole(request)) return;
      if (this.#isNetworkSetUp) throw new RunstateError('NETWORK_ONCE', { id: this.#id });
      this.#isNetworkSetUp = true;
    });
  }

  destroy(cid: string): Promise<void> {
    return this.#containers.destroy(cid);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    const subs = this.#containers.ids.filter((cid) => cid !== this.#id);
    await Promise.all(subs.map((cid) => this.destroy(cid)));
    await this.destroy(this.#id);
    this.#isClosed = true;
    try {
      rmSync(this.#directory, { recursive: true, force: true });
    } catch (error) {
      throw failure('close', this.#id, error);
    }
  }

  #needOpen(): void {
    if (this.#isClosed) throw new RunstateError('SANDBOX_NOT_FOUND', { id: this.#id });
  }

  /** Lets others have their turn, as real work would. @throws RunstateError CANCELLED when that ends this work */
  async #turn(verb: string, container: MemoryContainer, signal: AbortSignal): Promise<void> {
    const { cid } = container;
    if (isAborted(signal)) throw cancelled(verb, cid, signal);
    await new Promise(setImmediate);
    if (isAborted(signal)) throw cancelled(verb, cid, signal);
    if (this.#containers.find(cid) !== container)
      throw new RunstateError('CANCELLED', { verb, kind: 'container', id: cid });
  }
}

/** Whatever throws rejects. */
const promised = async <T>(work: () => T): Promise<T> => {
  await Promise.resolve();
  return work();
};

function refuseTerminal(process: ProcessSpec | undefined): void {
  if (process?.terminal === true) throw notSupported('a terminal');
}

const notSupported = (what: string): RunstateError =>
  new RunstateError('NOT_SUPPORTED', { what, why: 'nothing real runs on this platform' });

function failure(call: string, cid: string, error: unknown): RunstateError {
  if (isRunstateError(error)) return error;
  const params = { call, what: `container ${cid}`, why: messageOf(error) };
  return new RunstateError('SYSTEM', params, { cause: error });
}
