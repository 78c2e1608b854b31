/**
 * Pipes and sockets: never by the thread pool, where a slow other side would hold a thread as long as it likes, and
 * never by setting O_NONBLOCK on an open file that is the client's too.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { SharedWatch, files, sockets } from '../../native/index.ts';
import type { Sink, Source } from './port.ts';

/** How one kind of stream moves bytes without waiting: undefined when it would have to. */
export interface Movement {
  write(fd: number, data: Uint8Array, offset: number): number | undefined;
  /** 0: the end */
  read(fd: number, into: Uint8Array): number | undefined;
}

/** A pipe whose descriptor has O_NONBLOCK. */
export const byPipe: Movement = {
  write: files.write,
  read: (fd, into) => {
    const got = files.read(fd, into);
    return got === 'end' ? 0 : got;
  },
};

/** A socket, by MSG_DONTWAIT. Descriptors that ride on the bytes are not ours to want: they are closed. */
export const bySocket: Movement = {
  write: sockets.send,
  read: (fd, into) => {
    const came: number[] = [];
    const got = sockets.receive(fd, into, came);
    for (const one of came) files.close(one);
    if (got === 'truncated') throw new Error('descriptors came with the statefile');
    return got === 'again' ? undefined : got === 'end' ? 0 : got;
  },
};

export class Stream implements Sink, Source {
  readonly #fd: number;
  readonly #move: Movement;
  readonly #signal: AbortSignal | undefined;
  readonly #watch: SharedWatch;
  readonly #abort: () => void;
  #wake: (() => void) | undefined;
  #closed = false;

  /** @param fd becomes this object's, unless it throws */
  constructor(fd: number, move: Movement, signal: AbortSignal | undefined) {
    this.#fd = fd;
    this.#move = move;
    this.#signal = signal;
    this.#watch = new SharedWatch(fd, () => this.#wake?.());
    this.#abort = () => this.#wake?.();
    signal?.addEventListener('abort', this.#abort);
  }

  async write(data: Uint8Array): Promise<void> {
    let waited = false;
    for (let done = 0; done < data.length;) {
      this.#check();
      const taken = this.#move.write(this.#fd, data, done);
      if (taken === undefined) {
        await this.#ready('writable');
        waited = true;
      } else done += taken;
    }
    // A reader that is always quick must not keep timers and other connections waiting.
    if (!waited) await turn();
  }

  async read(into: Uint8Array): Promise<number> {
    let total = 0;
    let waited = false;
    for (;;) {
      this.#check();
      const got = this.#move.read(this.#fd, into.subarray(total));
      if (got === undefined) {
        // What is there is handed on: the rest may be long in coming.
        if (total > 0) break;
        await this.#ready('readable');
        waited = true;
        continue;
      }
      total += got;
      if (got === 0 || total === into.length) break;
    }
    if (!waited) await turn();
    return total;
  }

  end(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    this.#closed = true;
    this.#signal?.removeEventListener('abort', this.#abort);
    this.#watch.close();
    files.close(this.#fd);
    this.#wake?.();
    return Promise.resolve();
  }

  #check(): void {
    this.#signal?.throwIfAborted();
    if (this.#closed) throw new Error('the stream is closed');
  }

  /** Resolves when it may be so; when the stream was closed or the signal fired, too. */
  async #ready(what: 'readable' | 'writable'): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      this.#watch.want({ [what]: true });
    });
    this.#wake = undefined;
    if (!this.#closed) this.#watch.want({});
  }
}
