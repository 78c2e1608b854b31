import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RunstateError } from '../../errors/index.ts';
import { Watch, files, sockets } from '../../native/index.ts';

/** How long the runtime may take to send the terminal, in ms: creating a container ends earlier, one way or another. */
const timeout = 90_000;

/**
 * A listening socket that an OCI runtime sends the master end of a new terminal to, as its `--console-socket`. In a
 * directory of its own, that only this user may enter.
 */
export class ConsoleSocket implements Disposable {
  readonly path: string;
  readonly #directory: string;
  readonly #listener: number;
  #watch: Watch | undefined;

  constructor() {
    this.#directory = mkdtempSync(join(tmpdir(), 'runstate-console-'));
    this.path = join(this.#directory, 'socket');
    try {
      this.#listener = sockets.listen(this.path, 1);
    } catch (error) {
      rmSync(this.#directory, { recursive: true, force: true });
      throw error;
    }
  }

  /**
   * Waits for the terminal and gives its master end, which is the caller's.
   * @throws RunstateError DEADLINE, PROTOCOL when something else comes; the signal's reason
   */
  async receive(signal: AbortSignal): Promise<number> {
    const runtime = await this.#next(this.#listener, signal, () => sockets.accept(this.#listener));
    try {
      return await this.#next(runtime, signal, () => takeTerminal(runtime));
    } finally {
      files.close(runtime);
    }
  }

  [Symbol.dispose](): void {
    this.#watch?.close();
    files.close(this.#listener);
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** Tries again whenever the descriptor is readable, until there is something. */
  #next(fd: number, signal: AbortSignal, attempt: () => number | undefined): Promise<number> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        watch.close();
        act();
      };
      const onAbort = (): void => settle(() => reject(toError(signal.reason)));
      const watch = new Watch(fd, {
        readable: () => {
          try {
            const found = attempt();
            if (found !== undefined) settle(() => resolve(found));
          } catch (error) {
            settle(() => reject(toError(error)));
          }
        },
        failed: (error) => settle(() => reject(error)),
      });
      this.#watch = watch;
      const timer = setTimeout(() => settle(() => reject(late(this.path))), timeout);
      signal.addEventListener('abort', onAbort);
      if (signal.aborted) onAbort();
      else watch.want({ readable: true });
    });
  }
}

/** The runtime sends one message: the terminal's name, with its master end. */
function takeTerminal(fd: number): number | undefined {
  const received: number[] = [];
  const outcome = sockets.receive(fd, Buffer.alloc(4096), received);
  const [master, ...others] = received;
  for (const other of others) files.close(other);
  if (master !== undefined) return master;
  if (outcome === 'again') return undefined;
  throw new RunstateError('PROTOCOL', { why: 'the runtime sent no terminal to the console socket' });
}

const late = (path: string): RunstateError =>
  new RunstateError('DEADLINE', { verb: 'receive a terminal at', kind: 'socket', id: path, ms: timeout });

const toError = (reason: unknown): Error => (reason instanceof Error ? reason : new Error(String(reason)));
