import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { RunstateError, messageOf } from '../../../errors/index.ts';
import { builtFile } from '../../../native/index.ts';

/** In ms. */
const patience = 10_000;

/** What its owner is told. */
export interface SandboxPidEvents {
  /** Its pid stays taken until it is released. */
  readonly onKilled: (killed: SandboxPid) => void;
  readonly onReplaced: (next: SandboxPid) => void;
  /** It could not be made anew. */
  readonly onLost: (cause: unknown) => void;
}

/**
 * A process whose death is a sandbox's: the original's clients signal its pid to see whether the sandbox is there, and
 * kill it to end that. The supervisor's own pid would not do: it may host others, and has to clear away.
 */
export class SandboxPid {
  readonly pid: number;
  readonly #keeper: ChildProcess;
  #wasKilled = false;
  #isReleased = false;

  private constructor(pid: number, keeper: ChildProcess) {
    this.pid = pid;
    this.#keeper = keeper;
  }

  /**
   * Starts it. One whose keeper is lost, e.g. to the kernel's want of memory, is made anew, with another pid.
   * @throws RunstateError OPERATION_FAILED
   */
  static start(told: SandboxPidEvents): Promise<SandboxPid> {
    return new Promise((resolve, reject) => {
      const keeper = spawn(builtFile('sandbox-pid'), [], { stdio: ['pipe', 'pipe', 'ignore'], env: {} });
      const fail = (cause: unknown): void => {
        clearTimeout(timer);
        keeper.kill('SIGKILL');
        const params = { verb: 'start', kind: 'process', id: 'sandbox-pid', why: messageOf(cause) };
        reject(new RunstateError('OPERATION_FAILED', params, { cause }));
      };
      const timer = setTimeout(
        () => fail(new Error(`it did not say its pid within ${patience} ms`)),
        patience,
      );
      keeper.once('error', fail);
      keeper.once('exit', () => fail(new Error('it has ended')));
      // It may be gone already when its input is closed.
      keeper.stdin.on('error', () => undefined);
      const lines = createInterface({ input: keeper.stdout });
      lines.once('line', (line) => {
        clearTimeout(timer);
        keeper.removeAllListeners('exit');
        keeper.unref();
        const started = new SandboxPid(Number(line), keeper);
        lines.once('line', () => {
          started.#wasKilled = true;
          told.onKilled(started);
        });
        keeper.once('exit', () => {
          // Of one that was killed the sandbox is being destroyed: nothing is to stand for it any more.
          if (started.#isReleased || started.#wasKilled) return;
          SandboxPid.start(told).then(told.onReplaced, told.onLost);
        });
        resolve(started);
      });
    });
  }

  /** Somebody killed it, and may wait for its pid to go. */
  get wasKilled(): boolean {
    return this.#wasKilled;
  }

  /** Ends it, gives its pid back, and resolves when it has gone. Idempotent. */
  async release(): Promise<void> {
    this.#isReleased = true;
    const keeper = this.#keeper;
    if (keeper.exitCode !== null || keeper.signalCode !== null) return;
    const ended = once(keeper, 'exit');
    keeper.stdin?.end();
    const kill = setTimeout(() => keeper.kill('SIGKILL'), patience);
    await ended;
    clearTimeout(kill);
  }
}
