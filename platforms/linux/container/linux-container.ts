import { dirname } from 'node:path';
import { messageOf } from '../../../errors/index.ts';
import type { Logger } from '../../../log/logger.ts';
import type { ExitStatus } from '../../exit-status.ts';
import type { PlatformListener } from '../../platform.ts';
import type { OomWatch } from '../cgroups/index.ts';
import type { Handover, Program } from '../init/index.ts';
import { ExitWatch } from '../process/exit-watch.ts';
import { forgetExec, keepContainer, keepExec, type KnownProcess } from '../adoption/known.ts';
import { startTicksOf } from '../adoption/same-process.ts';
import type { StatusKeeper } from '../process/status-keeper.ts';
import { OtherProcesses } from '../process/other-processes.ts';

export interface Stranger {
  /** In the container's own numbering. */
  readonly pid: number;
  readonly command: string;
}

/** An exec'd process whose end is to be told. */
export interface StartedExec {
  /** In the container's own numbering. */
  readonly pid: number;
  readonly hostPid: number;
  /** Passed on to who looks at it; opened where there is none yet. */
  readonly pidfd?: number;
  /** The program, when it lives outside of the tree below pid 1, or at a terminal whose other end is outside. */
  readonly stranger?: string;
  /** Whoever takes over can know of it already. */
  readonly isKept?: boolean;
}

/** What the platform knows of one container, from the first side effect of its creation on. */
export class LinuxContainer {
  readonly cid: string;
  /** Of its own: effective config.json, process documents, pid files, a mounted root. */
  readonly directory: string;
  /** Init, until it has ended and that was told. */
  init: ExitWatch | undefined;
  /** In the host's numbering; undefined before it is created. */
  initPid: number | undefined;
  /** Where the container sees runstate-init, if it is its pid 1. */
  helper: string | undefined;
  /** The program, as errors name it. */
  command = '';
  /** Another supervisor has made it. */
  isAdopted = false;
  /** The types of namespaces that it has of its own. */
  namespaces: readonly string[] = [];
  /** From its creation until it is started, where runstate-init starts its program. */
  handover: Handover | undefined;
  /** Started by runstate-init; undefined where the program itself is pid 1, and before the start. */
  program: Program | undefined;
  /** Its wait status, where it had ended before this process could look after it. */
  programStatus: number | undefined;
  oom: OomWatch | undefined;
  /** Exec'd processes by their pid in the container's own numbering, until they have ended and that was told. */
  readonly execs = new Map<number, ExitWatch>();
  readonly #strangers = new Map<ExitWatch, Stranger>();
  /** Processes that no exec made and that somebody waits for. */
  readonly others = new OtherProcesses();
  readonly #listener: PlatformListener;
  readonly log: Logger;
  readonly #underway = new Map<Promise<unknown>, AbortController>();
  #count = 0;
  #isSilent = false;

  readonly #statuses: StatusKeeper | undefined;

  /** @param statuses holds on to its processes, where there is such a thing */
  constructor(
    cid: string,
    directory: string,
    listener: PlatformListener,
    log: Logger,
    statuses?: StatusKeeper,
  ) {
    this.#statuses = statuses;
    this.cid = cid;
    this.directory = directory;
    this.#listener = listener;
    this.log = log;
  }

  /** The sandbox's own. */
  get sandboxDirectory(): string {
    return dirname(dirname(this.directory));
  }

  /** A name for another file of its directory. */
  nextName(prefix: string): string {
    this.#count += 1;
    return `${prefix}-${this.#count}`;
  }

  /** Does work that whoever destroys the container stops: its signal is aborted then, or by the caller's own. */
  async during<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const both = new AbortController();
    const abort = (): void => both.abort(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    const running = work(both.signal);
    this.#underway.set(running, both);
    try {
      return await running;
    } finally {
      signal.removeEventListener('abort', abort);
      this.#underway.delete(running);
    }
  }

  /** Aborts the work that is under way, and resolves when it has settled, however. */
  async stopWork(): Promise<void> {
    for (const work of this.#underway.values()) work.abort();
    await Promise.allSettled(this.#underway.keys());
  }

  /** Whoever takes over from this process will know its init and program again. @throws RunstateError SYSTEM */
  keep(): void {
    const init = this.initPid === undefined ? undefined : knownOf(1, this.initPid);
    if (init === undefined) return;
    const program = this.program === undefined ? undefined : knownOf(this.program.pid, this.program.hostPid);
    const { helper, command, namespaces } = this;
    for (const one of [init, program])
      if (one !== undefined) this.#statuses?.hold(one.hostPid, one.startTicks);
    keepContainer(this.directory, {
      ...{ init, command, namespaces },
      ...(program === undefined ? {} : { program }),
      ...(helper === undefined ? {} : { helper }),
    });
  }

  /** The same of an exec'd process. @throws RunstateError SYSTEM */
  keepExec({ pid, hostPid, stranger }: StartedExec): void {
    const known = knownOf(pid, hostPid);
    // Of one that has ended its handle tells, and nobody but us has that.
    if (known === undefined) return;
    this.#statuses?.hold(hostPid, known.startTicks);
    keepExec(this.directory, { ...known, ...(stranger === undefined ? {} : { stranger }) });
  }

  /** Has the end of its init told. @param pidfd as StartedExec has it @throws SystemError */
  watchInit(hostPid: number, pidfd?: number): void {
    const ended = (status: ExitStatus): void => {
      void this.#tell(undefined, status).finally(() => {
        this.init = undefined;
        this.#statuses?.letGo(hostPid);
        if (this.program !== undefined) this.#statuses?.letGo(this.program.hostPid);
      });
    };
    this.init = new ExitWatch(hostPid, ended, {
      speaksForAnother: this.helper !== undefined,
      spokenFor: () => this.program?.exitStatus() ?? this.programStatus,
      ...(pidfd === undefined ? {} : { pidfd }),
    });
  }

  /** Has the end of an exec'd process told. @throws SystemError; RunstateError SYSTEM */
  watchExec(started: StartedExec): void {
    const { pid, hostPid, pidfd, stranger } = started;
    if (started.isKept !== true) this.keepExec(started);
    else if (this.isAdopted) this.#hold(pid, hostPid);
    const ended = (status: ExitStatus): void => {
      this.#strangers.delete(watch);
      void this.#tell(pid, status).finally(() => {
        this.#forgetExec(hostPid);
        // A later process may have the same pid.
        if (this.execs.get(pid) === watch) this.execs.delete(pid);
      });
    };
    const watch = new ExitWatch(hostPid, ended, pidfd === undefined ? {} : { pidfd });
    this.execs.set(pid, watch);
    if (stranger !== undefined) this.#strangers.set(watch, { pid, command: stranger });
  }

  #hold(pid: number, hostPid: number): void {
    const known = knownOf(pid, hostPid);
    if (known !== undefined) this.#statuses?.hold(hostPid, known.startTicks);
  }

  /** Never throws: who takes over sees that it has ended. */
  #forgetExec(hostPid: number): void {
    this.#statuses?.letGo(hostPid);
    try {
      forgetExec(this.directory, hostPid);
    } catch (error) {
      this.log.warn('an ended process is still noted', { container: this.cid, cause: messageOf(error) });
    }
  }

  /**
   * The exec'd processes that live outside of the tree below pid 1, or at a terminal whose other end is outside, by
   * their pids in the container: a checkpoint would lose them.
   */
  strangers(): readonly Stranger[] {
    return [...this.#strangers.values()];
  }

  /** From now on no end of its init is told: another takes its place. */
  silence(): void {
    this.#isSilent = true;
  }

  /** True while the end of a process is to be told. */
  get isAwaited(): boolean {
    return this.init !== undefined || this.execs.size > 0;
  }

  /** Stops looking at its processes and its memory. Idempotent. */
  close(): void {
    this.init?.close();
    this.init = undefined;
    this.oom?.close();
    this.oom = undefined;
    for (const watch of this.execs.values()) watch.close();
    this.execs.clear();
    this.#strangers.clear();
    this.handover?.close();
    this.handover = undefined;
    this.program?.close();
    this.program = undefined;
    this.others.close();
  }

  /** A kill for want of memory is told before the end that it was the reason of. Never rejects. */
  async #tell(pid: number | undefined, status: ExitStatus): Promise<void> {
    try {
      await this.oom?.check();
    } catch (error) {
      this.log.warn('out-of-memory kills cannot be read', { container: this.cid, cause: messageOf(error) });
    }
    if (!this.#isSilent) this.#listener.exited(this.cid, pid, status);
  }
}

/** Undefined when it has ended and was reaped. */
function knownOf(pid: number, hostPid: number): KnownProcess | undefined {
  const startTicks = startTicksOf(hostPid);
  return startTicks === undefined ? undefined : { pid, hostPid, startTicks };
}
