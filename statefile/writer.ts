import { closeSync, openSync } from 'node:fs';
import { RunstateError } from '../errors/index.ts';
import { makeSlabs, putChunks, type Slabs } from './chunks.ts';
import { fileOrigin, iterableOrigin, type Origin } from './fill.ts';
import { entryEndFrame, entryFrame, maxEntries, preambleFrame, trailerFrame } from './format/format.ts';
import { keyOf, makeHash, type RunningHash } from './format/hash.ts';
import {
  completeHeader,
  headerFrame,
  type Compression,
  type StatefileHeader,
  type HeaderFields,
} from './format/header.ts';
import { Names } from './format/names.ts';
import { systemError, writeError } from './io/errors.ts';
import { openSink } from './io/open.ts';
import type { Sink } from './io/port.ts';

export interface WriterOptions {
  /** Of the HMAC. Without, or empty: a plain hash, which tells of damage but not of forgery. */
  readonly key?: Uint8Array;
  /** Default: `none`. */
  readonly compression?: Compression;
  /** Called after every chunk, with the bytes of all entries so far, as they are before compression. */
  readonly onProgress?: (progress: {
    readonly phase: string;
    readonly bytes: number;
    readonly total?: number;
  }) => void;
  /** Of all entries together: for progress. */
  readonly total?: number;
  readonly signal?: AbortSignal;
}

export interface Written {
  /** Of the whole statefile. */
  readonly bytes: number;
  /** The hash at its end, in hexadecimal. */
  readonly digest: string;
}

/**
 * Writes a statefile to a client's file: a regular file, a pipe or a socket. The descriptor stays the caller's and
 * as it is (also its O_NONBLOCK); it may be closed while this works on. Memory is bounded, whatever is written.
 *
 * Entries asked for together are written one after another. After a failure everything is refused with the same
 * error, and what is in the file is no statefile. In any case it is to be disposed of.
 *
 * Rejects with RunstateErrors: STATEFILE_READER_GONE, STATEFILE_NO_SPACE, STATEFILE_CONTENT, SYSTEM; with the signal's
 * reason when it fires; with what an iterable throws.
 */
export class StatefileWriter implements AsyncDisposable {
  readonly header: StatefileHeader;
  readonly #sink: Sink;
  readonly #hash: RunningHash;
  readonly #options: WriterOptions;
  readonly #names = new Names();
  readonly #closing = new AbortController();
  #slabs: Slabs | undefined;
  /** Of the statefile. */
  #bytes = 0;
  /** Of entries. */
  #taken = 0;
  #turn: Promise<unknown>;
  #failure: { readonly error: unknown } | undefined;

  private constructor(fd: number, fields: HeaderFields, options: WriterOptions) {
    const key = keyOf(options.key);
    this.#options = options;
    this.#hash = makeHash(key);
    this.header = completeHeader(fields, options.compression ?? 'none', key);
    const preamble = preambleFrame();
    const header = headerFrame(this.header, preamble);
    this.#sink = openSink(fd, options.signal);
    this.#turn = this.#put(Buffer.concat([preamble, header])).catch((error: unknown) => this.#fail(error));
  }

  /** Opens it and writes the header. @throws RunstateError STATEFILE_FILE, too; then there is nothing to dispose of */
  static async open(fd: number, fields: HeaderFields, options: WriterOptions = {}): Promise<StatefileWriter> {
    const writer = new StatefileWriter(fd, fields, options);
    await writer.#inTurn(() => Promise.resolve());
    return writer;
  }

  /** Adds an entry. Gives its size before compression, in bytes. */
  addEntry(name: string, data: AsyncIterable<Uint8Array>): Promise<{ readonly size: number }> {
    const { signal } = this.#options;
    const closing = this.#closing.signal;
    const either = signal === undefined ? closing : AbortSignal.any([signal, closing]);
    return this.#inTurn(() => this.#entry(name, iterableOrigin(data, either)));
  }

  /** Adds a file as it is when its turn comes, by large reads that overlap with hashing and writing. */
  addFile(name: string, path: string): Promise<{ readonly size: number }> {
    return this.#inTurn(async () => {
      const fd = openSync(path, 'r');
      try {
        return await this.#entry(name, fileOrigin(fd));
      } finally {
        closeSync(fd);
      }
    });
  }

  /** Writes the trailer and closes. The statefile is complete when this has resolved. */
  finish(): Promise<Written> {
    return this.#inTurn(async () => {
      await this.#put(trailerFrame(this.#names.size, this.#bytes));
      const digest = this.#hash.digest();
      await this.#write(digest);
      await this.#sink.end();
      // What comes now comes too late.
      this.#failure = { error: refused('it is finished') };
      await this.#sink.close();
      return { bytes: this.#bytes, digest: Buffer.from(digest).toString('hex') };
    });
  }

  /** Ends it, whatever it was at; idempotent, and of no effect after `finish`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#failure ??= { error: refused('its writer is closed') };
    this.#closing.abort(this.#failure.error);
    await this.#sink.close();
    await this.#turn;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(async () => {
      if (this.#failure !== undefined) throw this.#failure.error;
      try {
        return await work();
      } catch (error) {
        throw await this.#fail(error);
      }
    });
    this.#turn = result.catch(() => undefined);
    return result;
  }

  /** What failed first is told from then on. */
  async #fail(error: unknown): Promise<unknown> {
    this.#failure ??= { error: systemError(error, 'write', 'the statefile') };
    await this.#sink.close();
    return this.#failure.error;
  }

  async #entry(name: string, origin: Origin): Promise<{ readonly size: number }> {
    try {
      this.#options.signal?.throwIfAborted();
      const why = this.#names.size === maxEntries ? 'there are too many' : this.#names.add(name);
      if (why !== undefined)
        throw new RunstateError('STATEFILE_CONTENT', { what: `an entry ${JSON.stringify(name)}`, why });
      await this.#put(entryFrame(name));
    } catch (error) {
      origin.stop();
      throw error;
    }
    this.#slabs ??= makeSlabs(this.header.compression);
    const size = await putChunks(origin, this.header.compression, this.#slabs, (chunk, held) =>
      this.#chunk(chunk, held),
    );
    await this.#put(entryEndFrame(size));
    return { size };
  }

  async #chunk(chunk: Uint8Array, held: number): Promise<void> {
    await this.#put(chunk);
    this.#taken += held;
    const { onProgress, total } = this.#options;
    onProgress?.({ phase: 'write', bytes: this.#taken, ...(total === undefined ? {} : { total }) });
  }

  /** The hash is computed while the thread pool, or the kernel, takes the bytes. */
  async #put(data: Uint8Array): Promise<void> {
    const written = this.#write(data);
    this.#hash.update(data);
    await written;
  }

  async #write(data: Uint8Array): Promise<void> {
    try {
      await this.#sink.write(data);
    } catch (error) {
      throw writeError(error, this.#bytes);
    }
    this.#bytes += data.length;
  }
}

const refused = (why: string): RunstateError => new RunstateError('STATEFILE_CONTENT', { what: 'more', why });
