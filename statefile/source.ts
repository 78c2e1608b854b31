import { close, constants, open, read } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';
import { promisify } from 'node:util';
import { RunstateError, messageOf } from '../errors/index.ts';
import { files, sockets, Watch } from '../native/index.ts';

const openFile = promisify(open);
const closeFile = promisify(close);
const readFile = promisify(read);

/** Where a statefile comes from. The descriptor that it was made for stays its owner's, as do that one's flags. */
export interface Source {
  /** Reads some bytes, at least one; 0 at the end. @throws RunstateError SYSTEM; the reason of the signal */
  read(into: Uint8Array): Promise<number>;
  close(): Promise<void>;
}

/** By what the descriptor is. Another's pipe or socket may say nothing for ever: nothing may block on it. */
export async function openSource(fd: number, signal: AbortSignal): Promise<Source> {
  const kind = files.fileKind(fd);
  if (kind === 'socket') return new SocketSource(fd, signal);
  if (kind === 'fifo') return new PipeSource(await reopen(fd), signal);
  return new FileSource(fd, signal);
}

async function reopen(fd: number): Promise<number> {
  try {
    return await openFile(`/proc/self/fd/${fd}`, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw failure('open', error);
  }
}

/** From the beginning, wherever its owner has read to: it may have looked at the header before. */
class FileSource implements Source {
  readonly #fd: number;
  readonly #signal: AbortSignal;
  #position = 0;

  constructor(fd: number, signal: AbortSignal) {
    this.#fd = fd;
    this.#signal = signal;
  }

  async read(into: Uint8Array): Promise<number> {
    this.#signal.throwIfAborted();
    try {
      const { bytesRead } = await readFile(this.#fd, into, 0, into.length, this.#position);
      this.#position += bytesRead;
      return bytesRead;
    } catch (error) {
      throw failure('read', error);
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

class PipeSource implements Source {
  readonly #fd: number;
  readonly #signal: AbortSignal;
  readonly #watch: Watch;
  #wake: () => void = () => undefined;

  constructor(fd: number, signal: AbortSignal) {
    this.#fd = fd;
    this.#signal = signal;
    this.#watch = new Watch(fd, { readable: () => this.#wake(), failed: () => this.#wake() });
    signal.addEventListener('abort', this.#aborted, { once: true });
  }

  async read(into: Uint8Array): Promise<number> {
    for (;;) {
      this.#signal.throwIfAborted();
      let got: number | 'end' | undefined;
      try {
        got = files.read(this.#fd, into);
      } catch (error) {
        throw failure('read', error);
      }
      if (got !== undefined) return got === 'end' ? 0 : got;
      await this.#something();
    }
  }

  close(): Promise<void> {
    this.#signal.removeEventListener('abort', this.#aborted);
    this.#watch.close();
    return closeFile(this.#fd);
  }

  readonly #aborted = (): void => this.#wake();

  #something(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#watch.want({});
        resolve();
      };
      this.#watch.want({ readable: true });
      if (this.#signal.aborted) this.#wake();
    });
  }
}

/** Ms. A socket's flags are its owner's too, and it cannot be opened once more: it is asked again. */
const socketPause = 1;

class SocketSource implements Source {
  readonly #fd: number;
  readonly #signal: AbortSignal;

  constructor(fd: number, signal: AbortSignal) {
    this.#fd = fd;
    this.#signal = signal;
  }

  async read(into: Uint8Array): Promise<number> {
    const received: number[] = [];
    for (;;) {
      this.#signal.throwIfAborted();
      const got = this.#receive(into, received);
      // Nobody asked for files.
      for (const fd of received.splice(0)) files.close(fd);
      if (typeof got === 'number') return got;
      if (got === 'end') return 0;
      if (got === 'truncated') throw failure('read', new Error('files came along'));
      await after(socketPause);
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #receive(into: Uint8Array, received: number[]): ReturnType<typeof sockets.receive> {
    try {
      return sockets.receive(this.#fd, into, received);
    } catch (error) {
      throw failure('read', error);
    }
  }
}

const failure = (call: string, cause: unknown): RunstateError =>
  new RunstateError('SYSTEM', { call, what: 'the statefile', why: messageOf(cause) }, { cause });
