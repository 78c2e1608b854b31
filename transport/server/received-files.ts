import { RunstateError } from '../../errors/index.ts';

/** The files that came with a call. Those that nobody took are closed when the call has ended. */
export class ReceivedFiles {
  /** undefined: taken. */
  readonly #fds: (number | undefined)[];

  constructor(fds: readonly number[]) {
    this.#fds = [...fds];
  }

  /** How many came. */
  get length(): number {
    return this.#fds.length;
  }

  /** The descriptor, for use until the call ends. Throws FILES when there is no such file, or it was taken. */
  get(index: number): number {
    const fd = this.#fds[index];
    if (fd !== undefined) return fd;
    const why = index < this.#fds.length ? 'was taken already' : `was not sent (${this.#fds.length} were)`;
    throw new RunstateError('FILES', { what: `file ${index} ${why}` });
  }

  /** The descriptor, from now on the caller's to close. Throws FILES as `get` does. */
  take(index: number): number {
    const fd = this.get(index);
    this.#fds[index] = undefined;
    return fd;
  }

  /** All that are left, for use until the call ends; in their order. */
  all(): readonly number[] {
    return this.#fds.filter((fd) => fd !== undefined);
  }

  /** The server's: takes all that are left, to close them. */
  release(): readonly number[] {
    return this.#fds.splice(0).filter((fd) => fd !== undefined);
  }
}
