import type { Readable } from 'node:stream';
import { RunstateError } from '../errors/index.ts';

/** How a process ended, and what it wrote. */
export interface Output {
  /** As a shell reports it: the code, or 128 + the signal. */
  readonly exitCode: number;
  /** The number of the signal that ended it. */
  readonly signal: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** More than this of one stream is an error, not a program without memory. Bytes. */
export const mostOutput = 64 * 1024 * 1024;

/** Reads a stream to its end. @throws RunstateError INVALID_ARGUMENT when there is too much */
export async function collect(stream: Readable | null, name: string): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of stream ?? []) {
    if (!Buffer.isBuffer(piece)) throw new TypeError(`${name} has an encoding set: read it yourself`);
    size += piece.length;
    if (size > mostOutput)
      throw new RunstateError('INVALID_ARGUMENT', {
        what: `${name}: more than ${mostOutput} bytes; read the stream instead`,
      });
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
