import { timingSafeEqual } from 'node:crypto';
import { RunstateError } from '../errors/index.ts';
import { ByteReader } from './byte-reader.ts';
import { EntryReader } from './entry-reader.ts';
import {
  digestSize,
  endMark,
  entryMark,
  formatVersion,
  magic,
  maxEntries,
  maxHeader,
} from './format/format.ts';
import { keyOf, makeHash, type RunningHash } from './format/hash.ts';
import { checkKey, headerDigest, parseHeader, type StatefileHeader } from './format/header.ts';
import { Names } from './format/names.ts';
import { openSource } from './io/open.ts';

export interface ReaderOptions {
  readonly key?: Uint8Array;
  readonly signal?: AbortSignal;
  /** What the statefile must be of. The architecture defaults to this machine's; `any` takes all. */
  readonly expect?: { readonly architecture?: string; readonly platform?: string };
  /**
   * Reads a keyed statefile without its key: nothing but damage of the header is noticed then. Only for looking.
   */
  readonly withoutKey?: boolean;
}

/** What is known when all was read. */
export interface Verified {
  /** Of the whole statefile. */
  readonly bytes: number;
  readonly entries: number;
  /** False only for a keyed statefile that was read `withoutKey`. */
  readonly isVerified: boolean;
  /** In hexadecimal. */
  readonly digest: string;
}

/**
 * Reads a statefile from a regular file (from its beginning, wherever it stands), a pipe or a socket: first the header, then the
 * entries one after another, then the trailer. Nothing that it gives can be trusted before {@link finish} has
 * resolved. A pipe or a socket must end after the statefile. The descriptor stays the caller's and as it is.
 *
 * Rejects with RunstateErrors: STATEFILE_EMPTY, _NOT_ONE, _VERSION, _KEY, _ARCHITECTURE, _PLATFORM, _DAMAGED,
 * _TRUNCATED, _FILE; SYSTEM; with the signal's reason when it fires. In any case it is to be disposed of.
 */
export class StatefileReader implements AsyncDisposable {
  readonly header: StatefileHeader;
  readonly #bytes: ByteReader;
  readonly #hash: RunningHash | undefined;
  readonly #names = new Names();
  #entry: EntryReader | undefined;
  #isAtTrailer = false;

  private constructor(header: StatefileHeader, bytes: ByteReader, hash: RunningHash | undefined) {
    this.header = header;
    this.#bytes = bytes;
    this.#hash = hash;
  }

  /** Opens it and reads the header; what is refused for its header is refused here. */
  static async open(fd: number, options: ReaderOptions = {}): Promise<StatefileReader> {
    const bytes = new ByteReader(openSource(fd, options.signal));
    try {
      const key = keyOf(options.key);
      const { header, read } = await readHeader(bytes);
      const isBlind = options.withoutKey === true && key === undefined && header.isKeyed;
      if (!isBlind) checkKey(header, key);
      checkExpected(header, options.expect ?? {});
      const hash = isBlind ? undefined : makeHash(key);
      for (const part of read) hash?.update(part);
      bytes.hashInto(hash);
      return new StatefileReader(header, bytes, hash);
    } catch (error) {
      await bytes.close();
      throw error;
    }
  }

  /** Bytes read so far. */
  get offset(): number {
    return this.#bytes.offset;
  }

  /** The next entry, whose predecessor must have been read to its end; undefined when there is none. */
  async next(): Promise<EntryReader | undefined> {
    if (this.#isAtTrailer) return undefined;
    // What was not read is skipped.
    if (this.#entry !== undefined) while ((await this.#entry.next()) !== undefined);
    this.#entry = undefined;
    const where = 'what follows an entry';
    const mark = (await this.#bytes.take(1, where)).readUInt8();
    if (mark === endMark) {
      this.#isAtTrailer = true;
      return undefined;
    }
    if (mark !== entryMark) throw damaged(where, `a mark of ${mark}`);
    const length = (await this.#bytes.take(2, where)).readUInt16BE();
    const name = (await this.#bytes.take(length, 'the name of an entry')).toString();
    const why = this.#names.size === maxEntries ? 'there are too many' : this.#names.add(name);
    if (why !== undefined) throw damaged(`the name ${JSON.stringify(name)}`, why);
    this.#entry = new EntryReader(name, this.#bytes);
    return this.#entry;
  }

  /** The entries in order, each as pieces that are valid until the next is asked for. */
  async *entries(): AsyncGenerator<{ readonly name: string; readonly data: AsyncIterable<Uint8Array> }> {
    for (let entry = await this.next(); entry !== undefined; entry = await this.next())
      yield { name: entry.name, data: piecesOf(entry) };
  }

  /** Hashes what was handed out last now, not when the next is asked for: while that is on its way to a disk. */
  settle(): void {
    this.#bytes.settle();
  }

  /** Reads the rest and verifies everything. What has not been refused when it resolves is as it was written. */
  async finish(): Promise<Verified> {
    while ((await this.next()) !== undefined);
    const before = this.#bytes.offset - 1;
    const trailer = await this.#bytes.take(12, 'the trailer');
    const entries = trailer.readUInt32BE();
    const total = trailer.readBigUInt64BE(4);
    this.#bytes.hashInto(undefined);
    const digest = await this.#bytes.take(digestSize, 'the trailer');
    const computed = this.#hash?.digest();
    if (computed !== undefined && !timingSafeEqual(computed, digest))
      throw damaged('the whole', 'its hash is not the one at its end');
    if (entries !== this.#names.size || total !== BigInt(before))
      throw damaged('the trailer', 'it counts other entries or bytes than there are');
    if (!(await this.#bytes.isAtEnd())) throw damaged('after its end', 'more bytes follow');
    return {
      bytes: this.#bytes.offset,
      entries,
      isVerified: computed !== undefined,
      digest: digest.toString('hex'),
    };
  }

  /** Ends it, whatever it was at; idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#bytes.close();
    await this.#entry?.close();
  }
}

const damaged = (where: string, why: string): RunstateError =>
  new RunstateError('STATEFILE_DAMAGED', { where: `${where}: ${why}` });

async function* piecesOf(entry: EntryReader): AsyncGenerator<Uint8Array> {
  for (let piece = await entry.next(); piece !== undefined; piece = await entry.next()) yield piece;
}

async function readHeader(
  bytes: ByteReader,
): Promise<{ readonly header: StatefileHeader; readonly read: readonly Uint8Array[] }> {
  const start = await readMagic(bytes);
  const word = await bytes.take(4, 'the format version');
  const found = word.readUInt32BE();
  if (found !== formatVersion) throw new RunstateError('STATEFILE_VERSION', { found, known: formatVersion });
  const preamble = Buffer.concat([start, word]);
  const size = await bytes.take(4, 'the header');
  const length = size.readUInt32BE();
  if (length > maxHeader) throw damaged('header', `${length} bytes; at most ${maxHeader} are possible`);
  const text = await bytes.take(length, 'the header');
  const digest = await bytes.take(digestSize, 'the header');
  const lengthAndText = Buffer.concat([size, text]);
  if (!headerDigest(preamble, lengthAndText).equals(digest))
    throw damaged('header', 'its hash is not the one after it');
  return { header: parseHeader(text), read: [preamble, lengthAndText, digest] };
}

/** Something short that is no statefile is told to be none, rather than to be cut off. */
async function readMagic(bytes: ByteReader): Promise<Uint8Array> {
  for (let done = 0; done < magic.length; done++) {
    const byte = await bytes.take(1, 'its first bytes');
    if (byte[0] !== magic[done]) throw new RunstateError('STATEFILE_NOT_ONE', {});
  }
  return magic;
}

function checkExpected(
  header: StatefileHeader,
  { architecture = process.arch, platform }: { readonly architecture?: string; readonly platform?: string },
): void {
  if (architecture !== 'any' && header.architecture !== architecture)
    throw new RunstateError('STATEFILE_ARCHITECTURE', { saved: header.architecture, here: architecture });
  if (platform !== undefined && header.platform !== platform)
    throw new RunstateError('STATEFILE_PLATFORM', { saved: header.platform, here: platform });
}
