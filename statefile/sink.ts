import { close, constants, open, write } from 'node:fs';
import { promisify } from 'node:util';
import { setTimeout as after } from 'node:timers/promises';
import { RunstateError, messageOf } from '../errors/index.ts';
import { files, sockets, Watch } from '../native/index.ts';

const openFile = promisify(open);
const closeFile = promisify(close);
const writeFile = promisify(write);

/** Where a statefile goes. The descriptor that it was made for stays its owner's, as do that one's flags. */
export interface Sink {
  /** Writes all of it. @throws RunstateError SYSTEM; the reason of the signal */
  write(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** By what the descriptor is. Another's pipe or socket may be full for ever: nothing may block on it. */
export async function openSink(fd: number, signal: AbortSignal): Promise<Sink> {
  const kind = files.fileKind(fd);
  if (kind === 'socket') return new SocketSink(fd, signal);
  if (kind === 'fifo') return new PipeSink(await reopen(fd), signal);
  return new FileSink(fd, signal);
}

/** Another open file on the same pipe, whose flags are ours alone. @throws RunstateError SYSTEM */
async function reopen(fd: number): Promise<number> {
  try {
    return await openFile(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch (error) {
    // ENXIO: its reader has gone.
    throw failure('open', error);
  }
}

class FileSink implements Sink {
  readonly #fd: number;
  readonly #signal: AbortSignal;

  constructor(fd: number, signal: AbortSignal) {
    this.#fd = fd;
    this.#signal = signal;
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let offset = 0; offset < bytes.length;) {
      this.#signal.throwIfAborted();
      try {
        const { bytesWritten } = await writeFile(this.#fd, bytes, offset, bytes.length - offset, null);
        offset += bytesWritten;
      } catch (error) {
        throw failure('write', error);
      }
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

class PipeSink implements Sink {
  readonly #fd: number;
  readonly #signal: AbortSignal;
  readonly #watch: Watch;
  #wake: () => void = () => undefined;

  constructor(fd: number, signal: AbortSignal) {
    this.#fd = fd;
    this.#signal = signal;
    this.#watch = new Watch(fd, {
      writable: () => this.#wake(),
      failed: () => this.#wake(),
    });
    signal.addEventListener('abort', this.#aborted, { once: true });
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let offset = 0; offset < bytes.length;) {
      this.#signal.throwIfAborted();
      let taken: number | undefined;
      try {
        taken = files.write(this.#fd, bytes, offset);
      } catch (error) {
        throw failure('write', error);
      }
      if (taken === undefined) await this.#room();
      else offset += taken;
    }
  }

  close(): Promise<void> {
    this.#signal.removeEventListener('abort', this.#aborted);
    this.#watch.close();
    return closeFile(this.#fd);
  }

  readonly #aborted = (): void => this.#wake();

  #room(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#watch.want({});
        resolve();
      };
      this.#watch.want({ writable: true });
      if (this.#signal.aborted) this.#wake();
    });
  }
}

/** Ms. A socket's flags are its owner's too, and it cannot be opened once more: it is asked again. */
const socketPause = 1;

class SocketSink implements Sink {
  readonly #fd: number;
  readonly #signal: AbortSignal;

  constructor(fd: number, signal: AbortSignal) {
    this.#fd = fd;
    this.#signal = signal;
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let offset = 0; offset < bytes.length;) {
      this.#signal.throwIfAborted();
      let taken: number | undefined;
      try {
        taken = sockets.send(this.#fd, bytes, offset);
      } catch (error) {
        throw failure('write', error);
      }
      if (taken === undefined) await after(socketPause);
      else offset += taken;
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const failure = (call: string, cause: unknown): RunstateError =>
  new RunstateError('SYSTEM', { call, what: 'the statefile', why: messageOf(cause) }, { cause });
