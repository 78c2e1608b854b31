import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { messageOf } from '../../../errors/index.ts';
import type { Logger } from '../../../log/logger.ts';
import { builtFile } from '../../../native/index.ts';
import { isErrno } from '../system-error.ts';

/** The program of ours that does it: native/helpers/status-keeper.c. */
export const statusKeeperProgram = 'status-keeper';

/** How long it may take to be gone, in ms. */
const patience = 2000;

/** Where it writes down what it alone has seen, in the platform's own directory of a sandbox. */
export const endedDirectory = (directory: string): string => join(directory, 'ended');

/**
 * A process that holds on to those of a sandbox, so that their exit statuses are not lost when this one dies: whoever takes
 * over finds them by {@link statusKept}. Where the kernel keeps none (before Linux 6.15) it is of no use.
 */
export class StatusKeeper {
  readonly #child: ChildProcess;
  readonly #input: Writable;
  #isClosed = false;

  /** @param directory the platform's own of the sandbox @throws SystemError; the error of spawn(2) is logged */
  constructor(directory: string, log: Logger) {
    const ended = endedDirectory(directory);
    mkdirSync(ended, { recursive: true, mode: 0o700 });
    const child = spawn(builtFile(statusKeeperProgram), [ended], {
      // It is to outlive this process, and whatever ends its group.
      ...{ cwd: '/', env: {}, detached: true, stdio: ['pipe', 'ignore', 'ignore'] },
    });
    const lost = (why: unknown): void => {
      if (this.#isClosed) return;
      this.#isClosed = true;
      log.warn('exit statuses will be lost when the supervisor dies', { cause: messageOf(why) });
    };
    child.once('error', lost);
    child.once('exit', (code, signal) => lost(`${statusKeeperProgram} has ended: ${signal ?? code ?? ''}`));
    child.stdin.on('error', lost);
    child.unref();
    this.#child = child;
    this.#input = child.stdin;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** @param startTicks of that process, see KnownProcess */
  hold(hostPid: number, startTicks: number): void {
    if (!this.#isClosed) this.#input.write(`+${hostPid} ${startTicks}\n`);
  }

  /** Its end is known. */
  letGo(hostPid: number): void {
    if (!this.#isClosed) this.#input.write(`-${hostPid}\n`);
  }

  /** Nobody is to be told any more: resolves when it has gone. Idempotent. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#hasEnded) return;
    const ended = once(this.#child, 'exit', { signal: AbortSignal.timeout(patience) });
    this.#child.ref();
    this.#child.kill('SIGKILL');
    this.#input.destroy();
    // One that does not even die of SIGKILL is not waited for.
    await ended.catch(() => undefined);
  }

  get #hasEnded(): boolean {
    const { pid, exitCode, signalCode } = this.#child;
    return pid === undefined || exitCode !== null || signalCode !== null;
  }
}

/** The wait status of a process that ended while no supervisor was there; undefined when that was not seen. */
export function statusKept(
  directory: string,
  { hostPid, startTicks }: { readonly hostPid: number; readonly startTicks: number },
): number | undefined {
  try {
    const text = readFileSync(join(endedDirectory(directory), String(hostPid)), 'latin1');
    const [ticks, status] = text.trim().split(' ').map(Number);
    return ticks === startTicks ? status : undefined;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}
