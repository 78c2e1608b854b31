import type { ContainerSpec, ProcessSpec } from '../../oci/types.ts';
import type { ExitStatus } from '../exit-status.ts';
import type { CreateOptions, PlatformListener, ProcessFiles } from '../platform.ts';
import { SIGKILL } from './default-action.ts';
import { MemoryProcess, type Origin } from './memory-process.ts';
import { Output } from './output.ts';
import { programOf, type Program } from './programs.ts';

/** What a container was made from. */
export interface MadeFrom {
  readonly bundle: string;
  readonly spec: ContainerSpec;
  readonly options: CreateOptions;
}

/** Where a new process comes from, and what it may go on with. */
export interface Launch {
  readonly origin: Origin;
  readonly parent: MemoryProcess | undefined;
  readonly files: ProcessFiles;
  readonly uid: number;
  readonly pid?: number;
  /** Milliseconds that are left to it; else all that its program lasts. */
  readonly left?: number | undefined;
}

const killed: ExitStatus = { kind: 'signaled', signal: SIGKILL, coreDumped: false };

/** One container that is not real: its processes, and who is told of their ends. */
export class MemoryContainer {
  readonly cid: string;
  readonly made: MadeFrom;
  readonly #listener: PlatformListener;
  readonly #processes = new Map<number, MemoryProcess>();
  readonly #waiting = new Map<number, ((status: ExitStatus) => void)[]>();
  /** Ends that are still to be told. */
  readonly #telling = new Set<Promise<void>>();
  #lastPid = 0;
  #oomKills = 0;
  #isFrozen = false;
  #isSilent = false;
  /** Frozen by itself, not only with its sandbox. */
  isFrozenAlone = false;

  constructor(cid: string, made: MadeFrom, listener: PlatformListener) {
    this.cid = cid;
    this.made = made;
    this.#listener = listener;
  }

  /** Those that have not ended, by pid. */
  get processes(): readonly MemoryProcess[] {
    return [...this.#processes.values()];
  }

  get init(): MemoryProcess | undefined {
    return this.#processes.get(1);
  }

  get oomKills(): number {
    return this.#oomKills;
  }

  process(pid: number): MemoryProcess | undefined {
    return this.#processes.get(pid);
  }

  /** Makes a process that has not begun yet. @throws SystemError when a file is none */
  launch(program: Program, { origin, parent, files, uid, pid, left }: Launch): MemoryProcess {
    const output = Output.of(files);
    this.#lastPid = Math.max(this.#lastPid + 1, pid ?? 0);
    const process = new MemoryProcess(
      {
        pid: pid ?? this.#lastPid,
        ...{ origin, parent, uid, program, output },
        onEnd: (ended, status) => {
          this.#ended(ended, status);
        },
      },
      left ?? program.lasts,
    );
    process.setFrozen(this.#isFrozen);
    this.#processes.set(process.pid, process);
    return process;
  }

  /** Has a process's program run, with all that it does at its start. @throws RunstateError as programOf, of its child's */
  begin(process: MemoryProcess): void {
    const { program } = process;
    const child = program.child === undefined ? undefined : programOf(program.child);
    process.begin();
    if (program.prints !== undefined) process.print(program.prints);
    if (program.isHungry === true) this.#outOfMemory();
    if (child === undefined || process.status !== undefined) return;
    this.begin(this.launch(child, { origin: 'child', parent: process, files: [], uid: process.uid }));
  }

  get isFrozen(): boolean {
    return this.#isFrozen;
  }

  setFrozen(isFrozen: boolean): void {
    this.#isFrozen = isFrozen;
    for (const process of this.processes) process.setFrozen(isFrozen);
  }

  /** From now on no end of its processes is told. */
  silence(): void {
    this.#isSilent = true;
  }

  /** Resolves when that process has ended; undefined when there is none. */
  ended(pid: number, signal: AbortSignal): Promise<ExitStatus> | undefined {
    if (!this.#processes.has(pid)) return undefined;
    return new Promise((resolve, reject) => {
      const abort = (): void => reject(new Error('aborted'));
      signal.addEventListener('abort', abort, { once: true });
      const tell = (status: ExitStatus): void => {
        signal.removeEventListener('abort', abort);
        resolve(status);
      };
      this.#waiting.set(pid, [...(this.#waiting.get(pid) ?? []), tell]);
    });
  }

  /** Ends everything, and resolves when that was told. */
  async kill(): Promise<void> {
    for (const process of this.processes) process.end(killed);
    await Promise.all(this.#telling);
  }

  #outOfMemory(): void {
    this.#oomKills += 1;
    const count = this.#oomKills;
    this.#tell(() => this.#listener.oomKilled(this.cid, count));
  }

  #ended(process: MemoryProcess, status: ExitStatus): void {
    const { pid, origin } = process;
    this.#processes.delete(pid);
    const waiting = this.#waiting.get(pid) ?? [];
    this.#waiting.delete(pid);
    this.#tell(() => {
      for (const tell of waiting) tell(status);
      if (origin !== 'child' && !this.#isSilent)
        this.#listener.exited(this.cid, origin === 'init' ? undefined : pid, status);
    });
    // With the first process its pid namespace ends.
    if (origin === 'init') for (const other of this.processes) other.end(killed);
  }

  /** In a later turn of the event loop: never before whoever started the process knows of it. */
  #tell(tell: () => void): void {
    const told = new Promise<void>((resolve) => {
      setImmediate(() => {
        this.#telling.delete(told);
        tell();
        resolve();
      });
    });
    this.#telling.add(told);
  }
}

/** Who runs a process. */
export const uidOf = ({ user }: ProcessSpec): number => user?.uid ?? 0;
