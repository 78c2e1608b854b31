import { files, isSystemError } from '../../native/index.ts';
import type { ExitStatus } from '../exit-status.ts';
import type { ProcessFiles } from '../platform.ts';

const SIGPIPE = 13;

/** The files of a process: of its own, until it ends. */
export class Output {
  readonly #files: readonly (number | undefined)[];
  #isClosed = false;

  private constructor(own: readonly (number | undefined)[]) {
    this.#files = own;
  }

  /** @throws SystemError EBADF; then nothing is left open */
  static of(given: ProcessFiles): Output {
    const own: (number | undefined)[] = [];
    try {
      for (const fd of given) own.push(fd === undefined ? undefined : files.duplicate(fd));
      return new Output(own);
    } catch (error) {
      closeAll(own);
      throw error;
    }
  }

  /** Writes to the standard output what goes in at once. Gives how the process ends when that cannot be. */
  write(text: string): ExitStatus | undefined {
    const fd = this.#files[1];
    if (fd === undefined) return undefined;
    try {
      files.write(fd, Buffer.from(text));
      return undefined;
    } catch (error) {
      if (!isSystemError(error)) throw error;
      return error.code === 'EPIPE'
        ? { kind: 'signaled', signal: SIGPIPE, coreDumped: false }
        : { kind: 'exited', code: 1 };
    }
  }

  /** Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    closeAll(this.#files);
  }
}

function closeAll(own: readonly (number | undefined)[]): void {
  for (const fd of own) if (fd !== undefined) files.close(fd);
}
