import { timingSafeEqual } from 'node:crypto';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { RunstateError, messageOf } from '../errors/index.ts';
import { digestBy, type Digest } from './digest.ts';
import { digestLength, longestChunk, longestHeader, longestName, magic, tag, version } from './format.ts';
import { decodeHeader, keyCheckOf, type StatefileHeader } from './header.ts';
import { openSource, type Source } from './source.ts';

export interface ReaderOptions {
  readonly key?: Uint8Array;
  readonly signal: AbortSignal;
  /** The digest cannot be checked without the key; then it is not, and `verify` says so. */
  readonly withoutKey?: boolean;
}

/** Reads a statefile from its beginning to its end. Nothing of it is to be believed before `verify` has passed. */
export class StatefileReader implements AsyncDisposable {
  readonly header: StatefileHeader;
  readonly #input: Input;

  private constructor(header: StatefileHeader, input: Input) {
    this.header = header;
    this.#input = input;
  }

  /**
   * Reads the header. The descriptor stays the caller's; a regular file is read from its beginning.
   * @throws RunstateError STATEFILE_EMPTY, STATEFILE_NOT_ONE, STATEFILE_VERSION, STATEFILE_KEY, STATEFILE_DAMAGED,
   *   STATEFILE_TRUNCATED, SYSTEM; the reason of the signal
   */
  static async open(fd: number, options: ReaderOptions): Promise<StatefileReader> {
    const input = new Input(await openSource(fd, options.signal), options.key);
    try {
      const header = await readHeader(input);
      if (options.withoutKey !== true) checkKey(header, options.key);
      return new StatefileReader(header, input);
    } catch (error) {
      await input.close();
      throw error;
    }
  }

  /** The entries in their order. The content of one has to be read to its end before the next. @throws as `open` */
  async *entries(): AsyncGenerator<{ readonly name: string; readonly content: AsyncIterable<Uint8Array> }> {
    for (;;) {
      const [kind] = await this.#input.exactly(1);
      if (kind === tag.end) return;
      if (kind !== tag.entry) throw damaged(`no entry begins with ${kind ?? 'nothing'}`);
      const name = (await this.#input.exactly(await this.#input.number(2, 1, longestName, 'name'))).toString(
        'utf8',
      );
      yield { name, content: this.#content(name) };
    }
  }

  /**
   * After the last entry: checks the digest, and that nothing comes after it.
   * @throws RunstateError STATEFILE_DAMAGED, STATEFILE_TRUNCATED
   */
  async verify(): Promise<void> {
    const digest = this.#input.digest();
    const found = await this.#input.exactly(digestLength);
    if (!timingSafeEqual(digest, found)) throw damaged('its digest is that of something else');
    if (!(await this.#input.isAtEnd())) throw damaged('something comes after its end');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#input.close();
  }

  #content(name: string): AsyncIterable<Uint8Array> {
    const chunks = this.#chunks();
    return this.header.compression === 'none' ? chunks : inflated(chunks, name);
  }

  async *#chunks(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const length = await this.#input.number(4, 0, longestChunk, 'chunk');
      if (length === 0) return;
      yield await this.#input.exactly(length);
    }
  }
}

async function readHeader(input: Input): Promise<StatefileHeader> {
  const begin = await input.upTo(magic.length);
  if (begin.length === 0) throw new RunstateError('STATEFILE_EMPTY', {});
  if (!begin.equals(magic)) throw new RunstateError('STATEFILE_NOT_ONE', {});
  const found = await input.number(4, 0, 2 ** 32 - 1, 'version');
  if (found !== version) throw new RunstateError('STATEFILE_VERSION', { found, known: version });
  return decodeHeader(await input.exactly(await input.number(4, 2, longestHeader, 'header')));
}

function checkKey({ isKeyed, keyCheck }: StatefileHeader, key: Uint8Array | undefined): void {
  if (isKeyed && key === undefined) throw new RunstateError('STATEFILE_KEY', { why: 'it needs a key' });
  if (!isKeyed && key !== undefined)
    throw new RunstateError('STATEFILE_KEY', { why: 'it was written without a key' });
  if (key !== undefined && keyCheckOf(key) !== keyCheck)
    throw new RunstateError('STATEFILE_KEY', { why: 'it was written with another key' });
}

async function* inflated(chunks: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> {
  const compressed = Readable.from(chunks);
  const gunzip = createGunzip();
  // Its own failure is the reader's, too.
  compressed.on('error', (error) => gunzip.destroy(error));
  try {
    yield* compressed.pipe(gunzip) as AsyncIterable<Uint8Array>;
  } catch (error) {
    if (error instanceof RunstateError) throw error;
    throw damaged(`entry ${JSON.stringify(name)}: ${messageOf(error)}`, error);
  } finally {
    compressed.destroy();
    gunzip.destroy();
  }
}

const damaged = (where: string, cause?: unknown): RunstateError =>
  new RunstateError('STATEFILE_DAMAGED', { where }, { cause });

/** How much is read at once. */
const window = 1024 * 1024;

/** Bytes in order, all of them hashed up to the digest. */
class Input {
  readonly #source: Source;
  readonly #hash: Digest;
  #buffer = Buffer.allocUnsafe(window);
  #begin = 0;
  #end = 0;
  #hashes = true;

  constructor(source: Source, key: Uint8Array | undefined) {
    this.#source = source;
    this.#hash = digestBy(key);
  }

  /** @throws RunstateError STATEFILE_TRUNCATED */
  async exactly(length: number): Promise<Buffer> {
    const bytes = await this.upTo(length);
    if (bytes.length < length) throw new RunstateError('STATEFILE_TRUNCATED', {});
    return bytes;
  }

  /** A big-endian number of so many bytes. @throws RunstateError STATEFILE_DAMAGED when it is out of its bounds */
  async number(bytes: 2 | 4, least: number, most: number, what: string): Promise<number> {
    const value = (await this.exactly(bytes)).readUIntBE(0, bytes);
    if (value < least || value > most) throw damaged(`a ${what} of ${value} bytes`);
    return value;
  }

  /** So many bytes, or less at the end. */
  async upTo(length: number): Promise<Buffer> {
    const bytes = Buffer.allocUnsafe(length);
    let filled = 0;
    while (filled < length) {
      if (this.#begin === this.#end && !(await this.#fill())) break;
      const part = Math.min(length - filled, this.#end - this.#begin);
      this.#buffer.copy(bytes, filled, this.#begin, this.#begin + part);
      this.#begin += part;
      filled += part;
    }
    const got = bytes.subarray(0, filled);
    if (this.#hashes) this.#hash.update(got);
    return got;
  }

  /** Of all so far; what comes is not hashed any more. */
  digest(): Buffer {
    this.#hashes = false;
    return this.#hash.digest();
  }

  async isAtEnd(): Promise<boolean> {
    return this.#begin === this.#end && !(await this.#fill());
  }

  close(): Promise<void> {
    return this.#source.close();
  }

  async #fill(): Promise<boolean> {
    this.#begin = 0;
    this.#end = await this.#source.read(this.#buffer);
    return this.#end > 0;
  }
}
