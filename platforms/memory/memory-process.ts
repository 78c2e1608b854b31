import type { ExitStatus } from '../exit-status.ts';
import { Countdown } from './countdown.ts';
import { SIGCONT, SIGKILL, SIGSTOP, defaultAction } from './default-action.ts';
import type { Output } from './output.ts';
import type { Program } from './programs.ts';

/** Who started it: the container's creation, an exec, or another process. */
export type Origin = 'init' | 'exec' | 'child';

export interface ProcessOptions {
  readonly pid: number;
  /** Undefined: outside of the container. */
  readonly parent: MemoryProcess | undefined;
  readonly origin: Origin;
  readonly uid: number;
  readonly program: Program;
  readonly output: Output;
  /** Called once, when it ends. */
  readonly onEnd: (process: MemoryProcess, status: ExitStatus) => void;
}

/** One process that is not real: it lets time pass, takes signals, and ends. It stands still until `begin`, and while it is frozen. */
export class MemoryProcess {
  readonly pid: number;
  readonly origin: Origin;
  readonly uid: number;
  readonly program: Program;
  readonly startedAt = new Date();
  readonly #options: ProcessOptions;
  readonly #countdown: Countdown | undefined;
  readonly #pending: number[] = [];
  #hasBegun = false;
  #isFrozen = false;
  #isStopped = false;
  #status: ExitStatus | undefined;

  constructor(options: ProcessOptions, left = options.program.lasts) {
    this.#options = options;
    this.pid = options.pid;
    this.origin = options.origin;
    this.uid = options.uid;
    this.program = options.program;
    if (left !== undefined) this.#countdown = new Countdown(left, () => this.end(options.program.ending));
  }

  /** In the container's own numbering; 0 is outside. One whose parent has ended is init's. */
  get ppid(): number {
    const { parent } = this.#options;
    if (parent === undefined) return 0;
    return parent.status === undefined ? parent.pid : 1;
  }

  /** How it ended; undefined while it has not. */
  get status(): ExitStatus | undefined {
    return this.#status;
  }

  /** Milliseconds until it ends by itself; undefined: never. */
  get left(): number | undefined {
    return this.#countdown?.left;
  }

  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** Has the program run. */
  begin(): void {
    this.#hasBegun = true;
    this.#move();
  }

  /** Has it stand still, or go on and take the signals that came meanwhile. */
  setFrozen(isFrozen: boolean): void {
    this.#isFrozen = isFrozen;
    this.#move();
  }

  /**
   * Takes a signal, now or when it goes on. SIGKILL ends it always. An init is spared every other that it has no
   * handler for, as pid_namespaces(7) has it, but not SIGSTOP.
   */
  signal(signo: number): void {
    if (signo === SIGKILL) this.end({ kind: 'signaled', signal: signo, coreDumped: false });
    else if (this.#isFrozen || (this.#isStopped && signo !== SIGCONT)) this.#pending.push(signo);
    else this.#take(signo);
  }

  /** Ends it. */
  end(status: ExitStatus): void {
    if (this.#status !== undefined) return;
    this.#status = status;
    this.#countdown?.stop();
    this.#options.output.close();
    this.#options.onEnd(this, status);
  }

  /** Writes, and ends it when nobody reads. */
  print(text: string): void {
    const status = this.#options.output.write(text);
    if (status !== undefined) this.end(status);
  }

  #take(signo: number): void {
    const handler = this.program.handlers.get(signo);
    if (handler !== undefined && this.#hasBegun && signo !== SIGSTOP) {
      if (handler !== 'ignore') this.end({ kind: 'exited', code: handler });
      return;
    }
    const action = defaultAction(signo);
    if (this.origin === 'init' && action !== 'continue' && signo !== SIGSTOP) return;
    if (action === 'end') this.end({ kind: 'signaled', signal: signo, coreDumped: false });
    if (action !== 'stop' && action !== 'continue') return;
    this.#isStopped = action === 'stop';
    this.#move();
  }

  #move(): void {
    if (this.#status !== undefined) return;
    if (!this.#hasBegun || this.#isFrozen || this.#isStopped) this.#countdown?.stop();
    else this.#countdown?.go();
    if (this.#isFrozen || this.#isStopped) return;
    for (const signo of this.#pending.splice(0)) this.signal(signo);
  }
}
