/**
 * Regular files, and devices that never make anybody wait: by Node's thread pool. One operation is under way at most,
 * and closing waits for it, because it cannot be taken back.
 */
import { fstatSync, ftruncate, readFileSync, writeSync, read as readFile, write as writeFile } from 'node:fs';
import { promisify } from 'node:util';
import { files } from '../../native/index.ts';
import type { Sink, Source } from './port.ts';
import { small } from './small.ts';

const read = promisify(readFile);
const write = promisify(writeFile);
const truncate = promisify(ftruncate);

export class RegularFile implements Sink, Source {
  readonly #fd: number;
  readonly #signal: AbortSignal | undefined;
  /** Where the next read is; null: a device has no places. */
  #position: number | null;
  #busy: Promise<unknown> = Promise.resolve();
  #closed = false;

  /** @param fd becomes this object's */
  constructor(fd: number, signal: AbortSignal | undefined) {
    this.#fd = fd;
    this.#signal = signal;
    this.#position = files.fileKind(fd) === 'file' ? 0 : null;
  }

  /** At the open file's own position, as a shell's `>>` or a client that wrote before wants it. */
  async write(data: Uint8Array): Promise<void> {
    let done = 0;
    if (data.length <= small && !this.#closed && this.#position !== null) {
      this.#signal?.throwIfAborted();
      done = writeSync(this.#fd, data);
    }
    while (done < data.length) {
      this.#signal?.throwIfAborted();
      const { bytesWritten } = await this.#run(() => write(this.#fd, data, done, data.length - done, null));
      done += bytesWritten;
    }
  }

  /** From the beginning on, whatever the open file's position: several may read one at the same time. */
  async read(into: Uint8Array): Promise<number> {
    this.#signal?.throwIfAborted();
    const { bytesRead } = await this.#run(() => read(this.#fd, into, 0, into.length, this.#position));
    if (this.#position !== null) this.#position += bytesRead;
    return bytesRead;
  }

  /** What an earlier, longer content left behind would be bytes after the end of the statefile. */
  async end(): Promise<void> {
    if (files.fileKind(this.#fd) !== 'file') return;
    const position = positionOf(this.#fd);
    if (fstatSync(this.#fd).size <= position) return;
    await this.#run(() => truncate(this.#fd, position));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#busy;
    files.close(this.#fd);
  }

  #run<T>(operation: () => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new Error('the file is closed'));
    const result = operation();
    // Whoever called learns of a failure; the wait of `close` is only for the end.
    this.#busy = result.catch(() => undefined);
    return result;
  }
}

/** Where the next byte of the open file goes: Node has no lseek. */
function positionOf(fd: number): number {
  const found = /^pos:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'));
  return Number(found?.[1]);
}
