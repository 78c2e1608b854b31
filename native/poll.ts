/** Readiness of a descriptor in Node's own event loop (uv_poll_t). */
import { binding } from './binding.ts';

export interface WatchHandlers {
  /** There is something to read, or the other side has gone. A pidfd: the process has ended. */
  readable?: () => void;
  /** There is room to write, or the other side has gone. */
  writable?: () => void;
  /** The other side has ended its stream or has gone (a socket): unlike `readable`, not told of bytes. */
  ended?: () => void;
  /** The descriptor cannot be watched any more. */
  failed?: (error: Error) => void;
}

const READABLE = 1;
const WRITABLE = 2;
const ENDED = 4;

/**
 * Watches one descriptor: a socket, pipe, terminal, eventfd or pidfd (not a regular file: EPERM). It is set to
 * non-blocking, for everyone that shares its open file. At most one Watch may be on one descriptor. It keeps the
 * event loop alive while it wants something, unless unref'd.
 *
 * The descriptor stays the caller's: close the Watch first, then the descriptor, in the same turn if you like.
 */
export class Watch {
  readonly fd: number;
  readonly #handle: object;
  #handlers: WatchHandlers;
  #events = 0;
  #closed = false;

  constructor(fd: number, handlers: WatchHandlers) {
    this.fd = fd;
    this.#handlers = handlers;
    this.#handle = binding().watchOpen(fd, (status, events) => this.#ready(status, events));
  }

  /** What to tell about from now on; nothing at first. Told again and again while it is so (level-triggered). */
  want(what: { readonly readable?: boolean; readonly writable?: boolean; readonly ended?: boolean }): void {
    const events =
      (what.readable === true ? READABLE : 0) |
      (what.writable === true ? WRITABLE : 0) |
      (what.ended === true ? ENDED : 0);
    if (this.#closed || events === this.#events) return;
    binding().watchSet(this.#handle, events);
    this.#events = events;
  }

  ref(): this {
    if (!this.#closed) binding().watchRef(this.#handle, true);
    return this;
  }

  unref(): this {
    if (!this.#closed) binding().watchRef(this.#handle, false);
    return this;
  }

  /** Ends it; no handler is called any more. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#handlers = {};
    binding().watchClose(this.#handle);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #ready(status: number, events: number): void {
    if (status < 0) {
      this.#handlers.failed?.(new Error(`watching descriptor ${this.fd}: error ${-status}`));
      return;
    }
    if ((events & READABLE) !== 0) this.#handlers.readable?.();
    // A handler may have closed this or changed its mind.
    if ((events & this.#events & WRITABLE) !== 0) this.#handlers.writable?.();
    if ((events & this.#events & ENDED) !== 0) this.#handlers.ended?.();
  }
}
