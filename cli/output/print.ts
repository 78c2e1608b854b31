/**
 * Standard output and standard error, written at once and by descriptor. Node's own streams are not touched: they
 * would set the descriptors to non-blocking, and containers get these very descriptors.
 */
import { writeSync } from 'node:fs';

/** Whoever read our output has gone, e.g. `runstate list | head -1`: nothing to tell, and nobody to tell it to. */
export class BrokenPipeError extends Error {
  override readonly name = 'BrokenPipeError';
  /** As of a program that SIGPIPE has ended. */
  readonly exitCode = 128 + 13;
}

/** Writes to standard output. @throws BrokenPipeError */
export function print(text: string): void {
  try {
    writeAll(1, text);
  } catch (error) {
    if (isCode(error, 'EPIPE')) throw new BrokenPipeError('standard output was closed', { cause: error });
    throw error;
  }
}

/** Writes a line to standard error. One that was closed is nobody's loss. */
export function printError(line: string): void {
  try {
    writeAll(2, `${line}\n`);
  } catch (error) {
    if (!isCode(error, 'EPIPE')) throw error;
  }
}

/** How long a reader that does not read may hold us up, in ms. */
const patience = 60_000;

function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  const deadline = performance.now() + patience;
  for (let offset = 0; offset < bytes.length;) {
    try {
      offset += writeSync(fd, bytes, offset);
    } catch (error) {
      // Somebody who shares the pipe has set it to non-blocking, and it is full.
      if (!isCode(error, 'EAGAIN') || performance.now() > deadline) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
