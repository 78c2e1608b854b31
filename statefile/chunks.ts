/** Cuts an entry's bytes into chunks, and makes ready the next ones while the last is being written. */
import { compress, compressors } from './compress.ts';
import type { Origin } from './fill.ts';
import { chunkSize, gzipFlag } from './format/format.ts';
import type { Compression } from './format/header.ts';

/** Memory for the chunks under way; each has room for the chunk's length before it: they go out by one write. */
export type Slabs = readonly Buffer[];

/** How many chunks are made ready while one is written. */
const aheadOf = (compression: Compression): number => (compression === 'none' ? 1 : compressors);

export function makeSlabs(compression: Compression): Slabs {
  return Array.from({ length: aheadOf(compression) + 1 }, () => Buffer.allocUnsafeSlow(4 + chunkSize));
}

/**
 * Gives every chunk with its length before it to `put`, one after another, and how many bytes of the entry it holds.
 * Its memory is used again when `put` has resolved.
 * Resolves with the number of bytes before compression. However it ends, nothing is under way any more.
 */
export async function putChunks(
  origin: Origin,
  compression: Compression,
  slabs: Slabs,
  put: (chunk: Uint8Array, held: number) => Promise<void>,
): Promise<number> {
  const frame = compression === 'none' ? plain : packed;
  const waiting: Promise<Ready>[] = [];
  let turn = 0;
  // The slab after the last one used: its chunk, if it had one, was written.
  const fillNext = () => {
    const slab = slabs[turn++ % slabs.length];
    if (slab === undefined) throw new RangeError('there are no slabs');
    return { slab, filled: watched(origin.fill(slab.subarray(4))) };
  };
  const putFirst = async (): Promise<void> => {
    const first = waiting.shift();
    if (first === undefined) return;
    const { chunk, held } = await first;
    await put(chunk, held);
  };
  let size = 0;
  let next = fillNext();
  try {
    for (;;) {
      const { slab, filled } = next;
      const length = await filled;
      if (length === 0) break;
      size += length;
      waiting.push(watched(frame(slab, length)));
      next = fillNext();
      if (waiting.length === slabs.length - 1) await putFirst();
    }
    while (waiting.length > 0) await putFirst();
    return size;
  } finally {
    origin.stop();
    await Promise.allSettled([next.filled, ...waiting]);
  }
}

interface Ready {
  readonly chunk: Uint8Array;
  readonly held: number;
}

/** A failure is seen when its turn comes; until then it is not one that nobody handles. */
function watched<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

function plain(slab: Buffer, held: number): Promise<Ready> {
  slab.writeUInt32BE(held);
  return Promise.resolve({ chunk: slab.subarray(0, 4 + held), held });
}

async function packed(slab: Buffer, held: number): Promise<Ready> {
  const member = await compress(slab.subarray(4, 4 + held));
  // What does not shrink is quicker to read as it is.
  if (member.length >= held) return plain(slab, held);
  const chunk = Buffer.allocUnsafe(4 + member.length);
  chunk.writeUInt32BE(gzipFlag + member.length);
  chunk.set(member, 4);
  return { chunk, held };
}
