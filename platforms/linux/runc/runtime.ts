import { spawn, type ChildProcess } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { RunstateError } from '../../../errors/index.ts';
import type { ProcessFiles } from '../../platform.ts';
import { isErrno } from '../system-error.ts';
import { runtimeFailure } from './failure.ts';
import { takeLog } from './log.ts';

export interface RunOptions {
  /** What the runtime has as its descriptors, so that its container gets them; /dev/null for the missing ones. */
  readonly files?: ProcessFiles;
  readonly cwd?: string;
}

/** The OCI runtime's binary, on one directory of containers. */
export class Runtime {
  readonly #binary: string;
  readonly #directory: string;
  #count = 0;

  /** @param directory an existing one, for its state and its logs */
  constructor(binary: string, directory: string) {
    this.#binary = binary;
    this.#directory = directory;
  }

  /** Where the runtime keeps the state of its containers. */
  get root(): string {
    return join(this.#directory, 'runc');
  }

  /**
   * Runs `runc COMMAND …` and waits for its end. When `signal` is aborted it is killed, and its end waited for.
   * @throws RunstateError COMMAND_NOT_FOUND, COMMAND_NOT_EXECUTABLE, RUNTIME_FAILED with the telling lines of its log,
   *   RUNTIME_MISSING; what `signal` was aborted with
   */
  async run(
    command: string,
    args: readonly string[],
    signal: AbortSignal,
    options: RunOptions = {},
  ): Promise<void> {
    signal.throwIfAborted();
    this.#count += 1;
    const log = join(this.#directory, `log-${this.#count}`);
    try {
      const status = await this.#spawn([...this.#globals(log), command, ...args], signal, options);
      signal.throwIfAborted();
      if (status !== 'exit code 0') throw runtimeFailure({ command, status, lines: await takeLog(log) });
    } finally {
      await rm(log, { force: true });
    }
  }

  #globals(log: string): string[] {
    return ['--root', this.root, '--log', log, '--log-format', 'json'];
  }

  async #spawn(args: readonly string[], signal: AbortSignal, options: RunOptions): Promise<string> {
    const files = options.files ?? [];
    const stdio = Array.from({ length: Math.max(3, files.length) }, (_none, fd) => files[fd] ?? 'ignore');
    const child = spawn(this.#binary, args, {
      stdio,
      // A group of its own, so that nothing of it is left when it is killed.
      detached: true,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    const kill = (): void => killGroup(child);
    signal.addEventListener('abort', kill, { once: true });
    try {
      return await this.#ended(child);
    } finally {
      signal.removeEventListener('abort', kill);
    }
  }

  #ended(child: ChildProcess): Promise<string> {
    return new Promise((resolve, reject) => {
      child.once('error', (cause) => {
        if (isErrno(cause, 'ENOENT', 'EACCES'))
          reject(
            new RunstateError(
              'RUNTIME_MISSING',
              { binary: this.#binary, hint: `${cause.message}; to install it: apt-get install runc` },
              { cause },
            ),
          );
        else
          reject(
            new RunstateError('SYSTEM', { call: 'spawn', what: this.#binary, why: cause.message }, { cause }),
          );
      });
      child.once('exit', (code, sig) => {
        resolve(sig === null ? `exit code ${code ?? 'unknown'}` : `was ended by ${sig}`);
      });
    });
  }
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // It was quicker.
    if (!isErrno(error, 'ESRCH')) throw error;
  }
}
