/** Chunks are compressed each for itself, several at once in Node's thread pool. */
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { constants, gunzip, gzip } from 'node:zlib';
import { chunkSize } from './format/format.ts';

const pack = promisify<Uint8Array, object, Buffer>(gzip);
const unpack = promisify<Uint8Array, object, Buffer>(gunzip);

/** How many at once: the pool has four threads, and one is left for reading and writing. */
export const compressors = Math.max(1, Math.min(3, availableParallelism()));

/** Level 1: memory images shrink nearly as much as at higher levels, in a third of the time. */
export function compress(chunk: Uint8Array): Promise<Uint8Array> {
  return pack(chunk, { level: constants.Z_BEST_SPEED, chunkSize: 256 << 10 });
}

/** The inverse; never gives more than a chunk. */
export function decompress(data: Uint8Array): Promise<Uint8Array> {
  return unpack(data, { maxOutputLength: chunkSize, chunkSize });
}
