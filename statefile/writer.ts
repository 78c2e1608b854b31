import { open } from 'node:fs/promises';
import { createGzip } from 'node:zlib';
import { Readable } from 'node:stream';
import { digestBy, type Digest } from './digest.ts';
import { longestChunk, longestName, magic, tag, version } from './format.ts';
import { encodeHeader, keyCheckOf, type Compression, type StatefileHeader } from './header.ts';
import { openSink, type Sink } from './sink.ts';

export interface WriterOptions {
  /** For a keyed digest. */
  readonly key?: Uint8Array;
  readonly compression: Compression;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: {
    readonly phase: string;
    readonly bytes: number;
    readonly total?: number;
  }) => void;
  /** Of all entries together, as they are before compression: for progress. */
  readonly total?: number;
}

/** The least that gzip makes of memory images, for its speed. */
const gzipLevel = 1;

/**
 * Writes a statefile, piece by piece: it holds a few megabytes, however large the whole is. One that is not finished is
 * none. @see format.ts
 */
export class StatefileWriter implements AsyncDisposable {
  readonly #sink: Sink;
  readonly #hash: Digest;
  readonly #options: WriterOptions;
  #taken = 0;
  #written = 0;

  private constructor(sink: Sink, options: WriterOptions) {
    this.#sink = sink;
    this.#options = options;
    this.#hash = digestBy(options.key);
  }

  /**
   * Writes the header. The descriptor stays the caller's; pipes and sockets are written to without blocking.
   * @throws RunstateError SYSTEM; the reason of the signal
   */
  static async open(
    fd: number,
    header: Pick<StatefileHeader, 'metadata' | 'manifest' | 'platform'>,
    options: WriterOptions,
  ): Promise<StatefileWriter> {
    const { key, compression, signal } = options;
    const writer = new StatefileWriter(await openSink(fd, signal), options);
    const text = encodeHeader({
      ...header,
      created: new Date().toISOString(),
      architecture: process.arch,
      compression,
      isKeyed: key !== undefined,
      keyCheck: key === undefined ? '' : keyCheckOf(key),
    });
    const numbers = Buffer.alloc(8);
    numbers.writeUInt32BE(version, 0);
    numbers.writeUInt32BE(text.length, 4);
    await writer.#put(Buffer.concat([magic, numbers, text]));
    return writer;
  }

  /** Adds an entry of a file's content, as it is now. @throws SystemError; RunstateError SYSTEM; the reason of the signal */
  async addFile(name: string, path: string): Promise<void> {
    await using file = await open(path, 'r');
    await this.addEntry(name, pieces(file));
  }

  /** Adds an entry. What `content` gives may be used again for the next piece. @throws as {@link addFile} */
  async addEntry(name: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    const encoded = Buffer.from(name);
    if (encoded.length === 0 || encoded.length > longestName)
      throw new RangeError(`no name for an entry: ${name}`);
    const head = Buffer.alloc(3);
    head.writeUInt8(tag.entry, 0);
    head.writeUInt16BE(encoded.length, 1);
    await this.#put(Buffer.concat([head, encoded]));
    const counted = this.#counted(content);
    const { compression } = this.#options;
    const stored =
      compression === 'gzip' ? Readable.from(counted).pipe(createGzip({ level: gzipLevel })) : counted;
    for await (const piece of stored as AsyncIterable<Uint8Array>) await this.#chunk(piece);
    await this.#put(Buffer.alloc(4));
  }

  /** Writes the digest: it is complete then. Gives its size in bytes. @throws as {@link addFile} */
  async finish(): Promise<{ readonly bytes: number }> {
    await this.#put(Buffer.from([tag.end]));
    const digest = this.#hash.digest();
    await this.#sink.write(digest);
    return { bytes: this.#written + digest.length };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#sink.close();
  }

  async #chunk(piece: Uint8Array): Promise<void> {
    for (let offset = 0; offset < piece.length; offset += longestChunk) {
      const part = piece.subarray(offset, offset + longestChunk);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(part.length);
      await this.#put(length);
      await this.#put(part);
    }
  }

  async #put(bytes: Uint8Array): Promise<void> {
    const written = this.#sink.write(bytes);
    // While the system takes them.
    this.#hash.update(bytes);
    await written;
    this.#written += bytes.length;
  }

  async *#counted(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const { onProgress, total } = this.#options;
    for await (const piece of content) {
      yield piece;
      this.#taken += piece.length;
      onProgress?.({ phase: 'write', bytes: this.#taken, ...(total === undefined ? {} : { total }) });
    }
  }
}

/** A file in large pieces, the next being read while the last is used. Each has a buffer of its own for that long. */
async function* pieces(file: Awaited<ReturnType<typeof open>>): AsyncGenerator<Uint8Array> {
  const buffers = [Buffer.allocUnsafe(longestChunk), Buffer.allocUnsafe(longestChunk)];
  const read = async (index: number): Promise<Uint8Array> => {
    const buffer = buffers[index % 2] ?? Buffer.alloc(0);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
    return buffer.subarray(0, bytesRead);
  };
  let next = read(0);
  for (let index = 1; ; index++) {
    const piece = await next;
    if (piece.length === 0) return;
    next = read(index);
    // Looked at in the next turn; one that nobody comes to look at is no fault of its own.
    next.catch(() => undefined);
    yield piece;
  }
}
