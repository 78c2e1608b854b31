import { RunstateError } from '../errors/index.ts';
import { chunkSize } from './format/format.ts';
import type { RunningHash } from './format/hash.ts';
import { systemError } from './io/errors.ts';
import type { Source } from './io/port.ts';

/**
 * Reads ahead by one buffer, and hashes what was handed out: later, so that the caller can have it under way to a
 * disk meanwhile.
 *
 * What `some` gives is valid until the next call.
 */
export class ByteReader {
  readonly #source: Source;
  #hash: RunningHash | undefined;
  #unhashed: Uint8Array | undefined;
  /** Not handed out yet. */
  #rest: Uint8Array = new Uint8Array();
  #spare: Buffer = Buffer.allocUnsafeSlow(chunkSize);
  #reading: Promise<Uint8Array> | undefined;
  #offset = 0;

  constructor(source: Source) {
    this.#source = source;
  }

  /** Bytes handed out so far. */
  get offset(): number {
    return this.#offset;
  }

  /** What is handed out from now on goes into this hash. */
  hashInto(hash: RunningHash | undefined): void {
    this.settle();
    this.#hash = hash;
  }

  /** Hashes what was handed out; otherwise the next call does. */
  settle(): void {
    if (this.#unhashed === undefined) return;
    this.#hash?.update(this.#unhashed);
    this.#unhashed = undefined;
  }

  /** Up to `most` bytes, at least one. @throws RunstateError STATEFILE_TRUNCATED at the end */
  async some(most: number, where: string): Promise<Uint8Array> {
    this.settle();
    if (this.#rest.length === 0 && !(await this.#next())) throw this.#truncated(where);
    const piece = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(piece.length);
    this.#offset += piece.length;
    this.#unhashed = piece;
    return piece;
  }

  /** Exactly so many bytes, in memory of their own. @throws RunstateError STATEFILE_TRUNCATED */
  async take(length: number, where: string): Promise<Buffer> {
    const all = Buffer.allocUnsafeSlow(length);
    for (let done = 0; done < length;) {
      const piece = await this.some(length - done, where);
      all.set(piece, done);
      done += piece.length;
    }
    this.settle();
    return all;
  }

  /** True when nothing follows: waits until the other side of a pipe or socket has ended its stream. */
  async isAtEnd(): Promise<boolean> {
    this.settle();
    return this.#rest.length === 0 && !(await this.#next());
  }

  /** Closes the source; idempotent. */
  async close(): Promise<void> {
    await this.#source.close();
    await this.#reading?.catch(() => undefined);
  }

  async #next(): Promise<boolean> {
    this.#reading ??= this.#read(Buffer.allocUnsafeSlow(chunkSize));
    const read = await this.#reading;
    if (read.length === 0) return false;
    this.#rest = read;
    // The buffer before this one has been handed out and used.
    this.#reading = this.#read(this.#spare);
    // It is told when its turn comes.
    this.#reading.catch(() => undefined);
    this.#spare = Buffer.from(read.buffer);
    return true;
  }

  async #read(into: Buffer): Promise<Uint8Array> {
    try {
      return into.subarray(0, await this.#source.read(into));
    } catch (error) {
      throw systemError(error, 'read', 'the statefile');
    }
  }

  #truncated(where: string): RunstateError {
    if (this.#offset === 0) return new RunstateError('STATEFILE_EMPTY', {});
    return new RunstateError('STATEFILE_TRUNCATED', { offset: this.#offset, where });
  }
}
