import { RunstateError, messageOf } from '../errors/index.ts';
import type { ByteReader } from './byte-reader.ts';
import { compressors, decompress } from './compress.ts';
import { chunkSize, gzipFlag } from './format/format.ts';

/** One entry: its chunks as pieces of any size, in order. Compressed ones are unpacked ahead, several at once. */
export class EntryReader {
  readonly name: string;
  readonly #bytes: ByteReader;
  readonly #where: string;
  readonly #unpacking: Promise<Uint8Array>[] = [];
  /** Of the plain chunk that is being handed out. */
  #left = 0;
  #isRead = false;
  #isDone = false;
  #size = 0;
  #stored = 0;

  constructor(name: string, bytes: ByteReader) {
    this.name = name;
    this.#bytes = bytes;
    this.#where = `entry ${JSON.stringify(name)}`;
  }

  /** Bytes handed out so far. */
  get size(): number {
    return this.#size;
  }

  /** Bytes of the chunks in the statefile so far, without their lengths. */
  get stored(): number {
    return this.#stored;
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  /**
   * The next piece, valid until the next call; undefined at the end.
   * @throws RunstateError STATEFILE_TRUNCATED, STATEFILE_DAMAGED, SYSTEM; the reason of the signal
   */
  async next(): Promise<Uint8Array | undefined> {
    if (this.#isDone) return undefined;
    const isWithinPlain = this.#left > 0 && this.#unpacking.length === 0;
    const piece = isWithinPlain ? await this.#plain() : await this.#fromChunk();
    if (piece === undefined) return undefined;
    this.#size += piece.length;
    return piece;
  }

  /** Waits for what is under way; what it gives is not wanted any more. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#unpacking);
  }

  async #plain(): Promise<Uint8Array> {
    const piece = await this.#bytes.some(this.#left, this.#where);
    this.#left -= piece.length;
    this.#stored += piece.length;
    return piece;
  }

  async #fromChunk(): Promise<Uint8Array | undefined> {
    while (!this.#isRead && this.#left === 0 && this.#unpacking.length < compressors) await this.#begin();
    const first = this.#unpacking.shift();
    if (first !== undefined) return first;
    if (this.#left > 0) return this.#plain();
    const size = (await this.#bytes.take(8, this.#where)).readBigUInt64BE();
    if (size !== BigInt(this.#size))
      throw this.#damaged(`it holds ${this.#size} bytes, and should hold ${size}`);
    this.#isDone = true;
    return undefined;
  }

  /** Reads a chunk's length; of a compressed chunk the data, too. */
  async #begin(): Promise<void> {
    const word = (await this.#bytes.take(4, this.#where)).readUInt32BE();
    if (word === 0) {
      this.#isRead = true;
      return;
    }
    const isPacked = word >= gzipFlag;
    const length = isPacked ? word - gzipFlag : word;
    if (length === 0 || length > chunkSize) throw this.#damaged(`a chunk of ${length} bytes`);
    if (!isPacked) {
      this.#left = length;
      return;
    }
    const data = await this.#bytes.take(length, this.#where);
    this.#stored += length;
    const unpacked = decompress(data).catch((cause: unknown) => {
      throw this.#damaged(`a chunk cannot be unpacked: ${messageOf(cause)}`, cause);
    });
    // It is told when its turn comes.
    unpacked.catch(() => undefined);
    this.#unpacking.push(unpacked);
  }

  #damaged(why: string, cause?: unknown): RunstateError {
    const options = cause === undefined ? {} : { cause };
    return new RunstateError('STATEFILE_DAMAGED', { where: `${this.#where}: ${why}` }, options);
  }
}
