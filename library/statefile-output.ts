import { closeSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { nanoid } from 'nanoid';
import { RunstateError, messageOf } from '../errors/index.ts';

/** The name in a directory that stands for a statefile, as for the original's command line. */
const nameInDirectory = 'checkpoint.img';

/** A statefile's path: the file itself, or in a directory the one of that name. */
export function statefilePath(path: string): string {
  const absolute = resolve(path);
  return statSync(absolute, { throwIfNoEntry: false })?.isDirectory() === true
    ? join(absolute, nameInDirectory)
    : absolute;
}

/** A file that is there only when it is complete. What is no regular file (a pipe, a device) is written to as it is. */
export class StatefileOutput implements Disposable {
  readonly fd: number;
  readonly #path: string;
  readonly #partial: string | undefined;
  #isClosed = false;

  /** @throws RunstateError SYSTEM */
  constructor(path: string) {
    this.#path = statefilePath(path);
    const found = statSync(this.#path, { throwIfNoEntry: false });
    this.#partial =
      found === undefined || found.isFile()
        ? join(dirname(this.#path), `.${basename(this.#path)}-${nanoid(6)}`)
        : undefined;
    try {
      this.fd =
        this.#partial === undefined ? openSync(this.#path, 'w') : openSync(this.#partial, 'wx', 0o600);
    } catch (cause) {
      throw new RunstateError('SYSTEM', { call: 'open', what: this.#path, why: messageOf(cause) }, { cause });
    }
  }

  /** It is complete. @throws SystemError */
  keep(): void {
    if (this.#partial !== undefined) renameSync(this.#partial, this.#path);
    this.#close();
  }

  /** One that was not kept is not there. Idempotent. */
  [Symbol.dispose](): void {
    if (!this.#isClosed && this.#partial !== undefined) rmSync(this.#partial, { force: true });
    this.#close();
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    closeSync(this.fd);
  }
}
