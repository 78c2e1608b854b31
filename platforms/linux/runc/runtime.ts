import { faultPoint } from '../../../faults/fault-point.ts';
import { rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { RunstateError, messageOf } from '../../../errors/index.ts';
import type { ProcessFiles } from '../../platform.ts';
import { cancelled, isAborted } from '../../cancelled.ts';
import type { CriuCommand } from '../criu/index.ts';
import { runToEnd } from '../process/run-to-end.ts';
import { isErrno } from '../system-error.ts';
import { runtimeFailure } from './failure.ts';
import { takeLog } from './log.ts';
import { takeTurn } from './turns.ts';

/** Nothing of our environment leads a runtime or its container astray: LISTEN_FDS, NOTIFY_SOCKET, GODEBUG. */
const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export interface RunOptions {
  /** Its descriptors, which its container gets: /dev/null for the missing ones of the first three. */
  readonly files?: ProcessFiles;
  /** Which CRIU it calls. */
  readonly criu?: CriuCommand;
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

  /** Where the runtime keeps the state of a container. */
  stateOf(cid: string): string {
    return join(this.#directory, 'runc', cid);
  }

  /**
   * Runs `runc COMMAND ARGUMENT… CID` and waits for its end. When `signal` is aborted its process group is killed, and
   * its end waited for; one that had done its work by then has done it.
   * @throws RunstateError COMMAND_NOT_FOUND, COMMAND_NOT_EXECUTABLE, RUNTIME_FAILED with the telling lines of its log,
   *   RUNTIME_MISSING, RUNTIME_NOT_EXECUTABLE; CANCELLED or the reason of `signal`
   */
  async run(
    command: string,
    args: readonly string[],
    cid: string,
    signal: AbortSignal,
    options: RunOptions = {},
  ): Promise<void> {
    const { files = [], criu } = options;
    const endTurn = signal.aborted ? undefined : await takeTurn(signal);
    if (endTurn === undefined) throw cancelled(command, cid, signal);
    this.#count += 1;
    const log = join(this.#directory, `log-${this.#count}`);
    try {
      const status = await this.#spawn(
        [...this.#globals(log), command, ...args, '--', cid],
        signal,
        files,
        criu,
      );
      faultPoint(`runtime.${command}`);
      if (status === 'exit code 0') return;
      if (isAborted(signal)) throw cancelled(command, cid, signal);
      throw runtimeFailure({ command: `${this.#binary} ${command}`, status, lines: await takeLog(log) });
    } finally {
      endTurn();
      rmSync(log, { force: true });
    }
  }

  #globals(log: string): string[] {
    return ['--root', join(this.#directory, 'runc'), '--log', log, '--log-format', 'json'];
  }

  async #spawn(
    args: readonly string[],
    signal: AbortSignal,
    files: ProcessFiles,
    criu?: CriuCommand,
  ): Promise<string> {
    try {
      // The processes that a CRIU was making when it died hold its connection to the runtime open, which waits for ever.
      const dependsOn = criu === undefined ? undefined : 'CRIU';
      return await runToEnd(this.#binary, args, { env: environment(criu), signal, files, dependsOn });
    } catch (error) {
      throw this.#notStarted(error);
    }
  }

  #notStarted(cause: unknown): RunstateError {
    if (isErrno(cause, 'EACCES'))
      return new RunstateError(
        'RUNTIME_NOT_EXECUTABLE',
        { binary: this.#binary, why: messageOf(cause) },
        { cause },
      );
    if (!isErrno(cause, 'ENOENT')) {
      const params = { call: 'spawn', what: this.#binary, why: messageOf(cause) };
      return new RunstateError('SYSTEM', params, { cause });
    }
    const name = basename(this.#binary);
    const remedy = packaged.includes(name) ? `; to install it: apt-get install ${name}` : '';
    const hint = `${messageOf(cause)}${remedy}`;
    return new RunstateError('RUNTIME_MISSING', { binary: this.#binary, hint }, { cause });
  }
}

/** Runtimes whose packages in Debian are named as they are. */
const packaged = ['runc', 'crun', 'runsc'];

/** CRIU goes by PATH: later releases of runc do not take `--criu` any more, and crun never did. */
function environment(criu: CriuCommand | undefined): NodeJS.ProcessEnv {
  return { PATH: criu?.search ?? process.env['PATH'] ?? defaultPath };
}
