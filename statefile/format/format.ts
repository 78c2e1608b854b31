/**
 * The statefile's format, version 1. All integers are unsigned and big-endian; README.md shows the layout.
 *
 * Whatever a length says is checked against a bound here before anything is allocated for it.
 */

/** A byte above 127 and a line feed, so that a file that went through a text conversion does not pass. */
export const magic = Buffer.from('\x89RSTATE\n', 'latin1');

export const formatVersion = 1;

/** Of the header's JSON, in bytes. */
export const maxHeader = 32 << 20;

/** Of an entry's name, in bytes, and of one component of it (NAME_MAX of Linux). */
export const maxName = 1024;
export const maxComponent = 255;

export const maxEntries = 1 << 16;

/** What a chunk holds at most, in bytes, before compression. */
export const chunkSize = 1 << 20;

/** Set in a chunk's length when the chunk is a gzip member. */
export const gzipFlag = 0x8000_0000;

/** What stands before an entry, and before the trailer. */
export const entryMark = 0x01;
export const endMark = 0x02;

/** Of SHA-256, in bytes. */
export const digestSize = 32;

/** The magic and the format version. */
export function preambleFrame(): Uint8Array {
  const frame = Buffer.alloc(magic.length + 4);
  magic.copy(frame);
  frame.writeUInt32BE(formatVersion, magic.length);
  return frame;
}

/** What begins an entry: its mark, and its name with its length. */
export function entryFrame(name: string): Uint8Array {
  const bytes = Buffer.from(name);
  const frame = Buffer.alloc(3 + bytes.length);
  frame.writeUInt8(entryMark);
  frame.writeUInt16BE(bytes.length, 1);
  bytes.copy(frame, 3);
  return frame;
}

/** What ends an entry: a chunk of no length, and how many bytes the chunks held before compression. */
export function entryEndFrame(size: number): Uint8Array {
  const frame = Buffer.alloc(12);
  frame.writeBigUInt64BE(BigInt(size), 4);
  return frame;
}

/** The trailer up to its digest: its mark, the number of entries, and of the bytes before it. */
export function trailerFrame(entries: number, bytes: number): Uint8Array {
  const frame = Buffer.alloc(13);
  frame.writeUInt8(endMark);
  frame.writeUInt32BE(entries, 1);
  frame.writeBigUInt64BE(BigInt(bytes), 5);
  return frame;
}
