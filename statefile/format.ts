/**
 * A statefile: one stream that holds a checkpointed sandbox. All integers are big-endian.
 *
 * ```
 * magic      8 bytes  "RUNSTATE"
 * version    u32
 * header     u32 length, JSON (see header.ts)
 * entry      u8 1, u16 length of its name, name, chunks, u32 0       any number of times
 *   chunk    u32 length (at least 1), so many bytes
 * end        u8 0
 * digest     32 bytes: HMAC-SHA-256 by the key, SHA-256 without, of all before
 * ```
 *
 * Nothing comes after it. Sizes of entries are not known before they are written, as it goes to pipes too; compression
 * is an entry's own. As the digest stands last, a reader has to have all before it may believe any of it.
 */
export const magic = Buffer.from('RUNSTATE');
export const version = 1;
export const digestLength = 32;
/** A header of more would be no header of ours: bytes. */
export const longestHeader = 64 * 1024 * 1024;
/** Bytes of one chunk at most. */
export const longestChunk = 1024 * 1024;
export const longestName = 4096;
export const tag = { end: 0, entry: 1 } as const;
