import { faultPoint } from '../../faults/fault-point.ts';
import { setMaxListeners } from 'node:events';
import { createActor, type Actor } from 'xstate';
import { RunstateError } from '../../errors/index.ts';
import type { Logger } from '../../log/logger.ts';
import type { Trouble } from '../../machines/replies.ts';
import type { ExitStatus } from '../../platforms/exit-status.ts';
import type { Platform, PlatformListener, PlatformSandbox } from '../../platforms/platform.ts';
import { containerLogic, type ContainerLogic } from '../container/container-logic.ts';
import { ContainerRecord, type ContainerRecordOptions } from '../container/container-record.ts';
import { within } from '../operations/within.ts';
import { defaultDeadlines, type Deadlines } from '../deadlines.ts';
import { TimeLimit } from '../time-limit.ts';
import { hostLogic, type ChildSpec } from '../host.ts';
import type { Observation } from '../../observation/types.ts';
import { JournalKeeper, type Journal } from '../journal/index.ts';
import type { ChartRecord } from '../journal/record.ts';
import type { RecoveredSandbox } from '../recovery/recovered.ts';
import { Port, type Transition } from '../port/port.ts';
import { noteEdges } from '../port/taken-edges.ts';
import { allRecords, containerRecord, processRecord, sandboxRecord } from './chart-records.ts';
import { containerWork } from './container-work.ts';
import { observedPlatform, type Step } from './observed-platform.ts';
import { createSandbox, sandboxLogic, type SandboxPort } from './sandbox-logic.ts';
import { snapshotOf } from './snapshot.ts';
import { sandboxWork } from './sandbox-work.ts';
import { Alarms, alarmObservation } from '../watchdog/alarms.ts';
import { PlatformCalls } from '../watchdog/platform-calls.ts';
import { watchedPlatform } from '../watchdog/watched-platform.ts';
import { Waiters } from './waiters.ts';

/** Who else is told which containers there are, so that others find them by id. May refuse an id. */
export interface ContainerIndex {
  /** @throws RunstateError CONTAINER_EXISTS */
  add(cid: string, sandbox: string): void;
  remove(cid: string): void;
}

export interface SandboxSystemOptions {
  readonly id: string;
  /** The sandbox's own run directory; exists. */
  readonly directory: string;
  readonly platform: Platform;
  readonly log: Logger;
  readonly deadlines?: Deadlines;
  readonly index?: ContainerIndex;
  /** The last step of a destroy: frees the id, so that it can be taken again once the destroy is answered. */
  readonly release?: () => void;
  /** Its own from now on. */
  readonly journal?: Journal;
  /** Where it goes on, of one whose supervisor has died. */
  readonly recovered?: RecoveredSandbox;
  /** Likewise: what that has left, taken over. */
  readonly adopted?: PlatformSandbox;
  /** What observers were told of it before, beginning with a snapshot. */
  readonly past?: readonly Observation[];
}

/**
 * One sandbox at work: an actor system of its own, whose root hosts the charts of the sandbox, its containers and
 * their processes; the ports to them; and the platform below. What is asked of it stands in actors/operations/.
 */
export class SandboxSystem {
  readonly id: string;
  readonly port: SandboxPort;
  readonly deadlines: Deadlines;
  readonly log: Logger;
  /** Resolves when the sandbox is destroyed and nothing is left of it. */
  readonly destroyed: Promise<void>;
  /** Who waits for the next checkpoint. */
  readonly checkpoints = new Waiters();
  /** What the platform is asked for and has not settled. */
  readonly calls = new PlatformCalls();
  /** What a watchdog tells of it. */
  readonly alarms = new Alarms();
  readonly #options: SandboxSystemOptions;
  readonly #root: Actor<typeof hostLogic>;
  readonly #containers = new Map<string, ContainerRecord>();
  readonly #observers = new Set<(transition: Transition) => void>();
  readonly #stepObservers = new Set<(step: Step) => void>();
  readonly #containerLogic: ContainerLogic;
  readonly #journal: JournalKeeper | undefined;
  #end: () => void = () => undefined;
  #lastDestroy: Promise<void> | undefined;
  #platform: PlatformSandbox | undefined;
  #opening: Promise<PlatformSandbox> | undefined;
  #rootStatus: ExitStatus | undefined;

  constructor(options: SandboxSystemOptions) {
    this.#options = options;
    this.id = options.id;
    this.log = options.log.child({ sandbox: options.id });
    this.deadlines = options.deadlines ?? defaultDeadlines;
    this.#containerLogic = containerLogic(containerWork(this), this.deadlines.container);
    this.#root = createActor(hostLogic, { id: options.id, input: { maxCrashes: 5, withinMs: 10_000 } });
    this.#root.system.inspect(noteEdges);
    this.#root.start();
    const port: SandboxPort = new Port({
      kind: 'sandbox',
      id: options.id,
      deadlines: { ...this.deadlines.sandbox },
      onTransition: (transition) => {
        this.#transition(transition);
      },
      onTrouble: (trouble) => {
        this.#trouble(trouble);
      },
    });
    this.port = port.on({
      cancel: (id) => ({ type: 'cancel', id }),
      settled: (id) => ({ type: 'settled', id }),
    });
    const { journal, recovered, adopted } = options;
    if (journal !== undefined)
      this.#journal = new JournalKeeper(journal, this.log, () => [
        { type: 'observed', what: snapshotOf(this) },
        ...allRecords(port, this.containers),
      ]);
    port.watch(() => this.#keep(sandboxRecord(port)));
    if (adopted !== undefined) this.#platform = this.#observed(adopted);
    const logic = sandboxLogic(sandboxWork(this), this.deadlines.sandbox);
    this.#host({
      id: 'sandbox',
      create: (parent) => createSandbox(port, logic, { sandbox: options.id, recovered }, parent),
      onCrash: (error, givenUp) => {
        this.#crashed('sandbox', options.id, error, givenUp);
      },
    });
    this.destroyed = new Promise((resolve) => {
      this.#end = () => {
        stop();
        this.#root.stop();
        this.#journal?.close();
        const why = 'it has been destroyed';
        this.checkpoints.tell(
          new RunstateError('ACTOR_GONE', { kind: 'sandbox', id: options.id, verb: 'checkpoint', why }),
        );
        resolve();
      };
      const stop = port.watch(() => {
        if (port.state === 'destroyed') this.#end();
      });
    });
    this.alarms.observe((news) => this.record(alarmObservation(news)));
    for (const one of recovered?.containers ?? []) this.#enter(one.cid, { recovered: one });
  }

  /** What runs the containers. @throws Error before the sandbox is open. */
  get platform(): PlatformSandbox {
    if (this.#platform === undefined) throw new Error(`sandbox ${this.id} has no platform yet`);
    return this.#platform;
  }

  get platformName(): string {
    return this.#options.platform.name;
  }

  /** What observers were told under the supervisor before this one. */
  get past(): readonly Observation[] {
    return this.#options.past ?? [];
  }

  /** Its own run directory, for as long as it is not destroyed. */
  get directory(): string {
    return this.#options.directory;
  }

  has(cid: string): boolean {
    return this.#containers.has(cid);
  }

  /** In the order of their registration, so the root first. */
  get containers(): readonly ContainerRecord[] {
    return [...this.#containers.values()];
  }

  /** How the root container's init ended, also when that is destroyed; undefined while it has not. */
  get rootStatus(): ExitStatus | undefined {
    return this.#rootStatus;
  }

  /** @throws RunstateError CONTAINER_NOT_FOUND */
  container(cid: string): ContainerRecord {
    const record = this.#containers.get(cid);
    if (record === undefined) throw new RunstateError('CONTAINER_NOT_FOUND', { id: cid });
    return record;
  }

  /**
   * Takes an id: hosts the chart of a container that is not created yet. The record goes when that is destroyed.
   * @param correlation of the request that it is registered for
   * @param isAlone that is all that was asked for
   * @throws RunstateError CONTAINER_EXISTS
   */
  register(cid: string, correlation?: string, isAlone = false): ContainerRecord {
    if (this.#containers.has(cid)) throw new RunstateError('CONTAINER_EXISTS', { id: cid });
    this.#options.index?.add(cid, this.id);
    faultPoint('register.indexed');
    return this.#enter(cid, { correlation, isRegisteredAlone: isAlone });
  }

  #enter(
    cid: string,
    more: Pick<ContainerRecordOptions, 'recovered' | 'isRegisteredAlone'> & {
      readonly correlation?: string | undefined;
    },
  ): ContainerRecord {
    const isRoot = cid === this.id;
    const record = new ContainerRecord({
      cid,
      isRoot,
      logic: this.#containerLogic,
      deadlines: this.deadlines.container,
      correlation: undefined,
      ...more,
      host: (spec) => {
        this.#host(spec);
      },
      onTransition: (transition) => {
        this.#transition(transition);
      },
      onCrash: (id, error, givenUp) => {
        this.#crashed('container', id, error, givenUp);
      },
      onProcessChange: (pid, process) => this.#keep(processRecord(cid, pid, process)),
    });
    this.#containers.set(cid, record);
    const follow = (): void => {
      this.#keep(containerRecord(record));
      this.#follow(record);
    };
    record.port.watch(follow);
    follow();
    return record;
  }

  /** Frees the id of a container of which nothing is left. Its own chart tells that, unless its actor was given up. */
  forget(record: ContainerRecord): void {
    if (this.#containers.get(record.cid) !== record) return;
    this.#containers.delete(record.cid);
    record.processes.clear();
    this.#journal?.forgotten(record.cid);
    faultPoint('forget.journalled');
    this.#options.index?.remove(record.cid);
  }

  /** Calls back with each transition of any chart of this sandbox. Returns what ends it. */
  observe(callback: (transition: Transition) => void): () => void {
    this.#observers.add(callback);
    return () => {
      this.#observers.delete(callback);
    };
  }

  /** Calls back with what the platform does, as it begins and as it ends. Returns what ends it. */
  observeSteps(callback: (step: Step) => void): () => void {
    this.#stepObservers.add(callback);
    return () => {
      this.#stepObservers.delete(callback);
    };
  }

  /** Nothing to do for one that was adopted. */
  async openPlatform(signal: AbortSignal): Promise<void> {
    if (this.#options.adopted !== undefined) return;
    const { id, directory, platform } = this.#options;
    this.#opening = this.calls.during({ name: 'open', id: '', signal, limit: undefined }, () =>
      platform.openSandbox({ id, directory }, this.listener, signal),
    );
    this.#platform = this.#observed(await this.#opening);
  }

  #observed(platform: PlatformSandbox): PlatformSandbox {
    return observedPlatform(watchedPlatform(platform, this.calls, this.deadlines.operation), {
      intend: (step) => this.#journal?.intend({ type: 'step', ...step }),
      tell: (step) => {
        if (step.phase !== 'began') this.record({ type: 'step', ...step });
        for (const observer of this.#stepObservers) observer(step);
      },
    });
  }

  /** Writes down what happens, to be read later. Never throws. */
  record(observation: Observation): void {
    this.#journal?.observed(observation);
  }

  #keep(record: ChartRecord | undefined): void {
    if (record !== undefined) this.#journal?.chart(record);
  }

  /** Gives back what the platform holds for the sandbox; nothing to do when that was never opened. */
  async closePlatform(signal: AbortSignal): Promise<void> {
    // One that was given up may still be at work: what it made last would outlive the sandbox's directory. One that
    // hangs for good is not waited for.
    using patience = new TimeLimit(this.deadlines.sandbox.opening, signal);
    await Promise.allSettled([within(patience.signal, () => Promise.allSettled([this.#opening]))]);
    await this.#platform?.close(signal);
  }

  /**
   * Destroys it when its chart was given up, which would do that else: all who ask meanwhile are answered by its end.
   * @throws RunstateError LEAKED when something is left: another tries again
   */
  destroyWithoutChart(): Promise<void> {
    this.#lastDestroy ??= this.#destroyWithoutChart().finally(() => {
      this.#lastDestroy = undefined;
    });
    return this.#lastDestroy;
  }

  async #destroyWithoutChart(): Promise<void> {
    const signal = AbortSignal.timeout(this.deadlines.sandbox.destroying);
    setMaxListeners(0, signal);
    await sandboxWork(this).destroy({ sandbox: this.id, request: undefined }, signal);
    this.#end();
  }

  /** Gives back what whoever made this holds for it. */
  release(): void {
    this.#options.release?.();
  }

  /** Who is told of what happens by itself. */
  get listener(): PlatformListener {
    return {
      exited: (cid, pid, status) => {
        const record = this.#containers.get(cid);
        if (record === undefined) return;
        if (pid === undefined) record.port.tell({ type: 'exited', status });
        else record.processes.exited(pid, status);
      },
      oomKilled: (cid, count) => {
        this.#containers.get(cid)?.port.tell({ type: 'oomKilled', count });
      },
    };
  }

  #follow(record: ContainerRecord): void {
    if (record.isRoot) this.#rootStatus = record.status ?? this.#rootStatus;
    if (record.isRoot && record.port.hasTag('ended')) this.port.tell({ type: 'rootEnded' });
    if (record.port.state === 'destroyed') this.forget(record);
  }

  #host(spec: ChildSpec): void {
    this.#root.send({ type: 'host', spec });
  }

  #transition(transition: Transition): void {
    const { kind, id, from, to, correlation } = transition;
    this.record({ type: 'transition', ...transition });
    if (from !== to) this.log.debug('transition', { kind, id, from, to, correlation });
    for (const observer of this.#observers) observer(transition);
  }

  #trouble({ doing, reason }: Trouble): void {
    this.log.error('work that nobody asked for has failed', {
      doing,
      why: reason.kind,
      cause: reason.kind === 'failed' ? reason.cause : undefined,
    });
  }

  #crashed(kind: string, id: string, error: unknown, givenUp: boolean): void {
    this.log.error(
      givenUp ? 'an actor crashed too often and is given up' : 'an actor crashed and is made anew',
      {
        kind,
        id,
        cause: error,
      },
    );
  }
}
