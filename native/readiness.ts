/** Readiness of a descriptor whose open file others use too: its O_NONBLOCK stays as it is. */
import { binding } from './binding.ts';
import { close } from './files.ts';
import { Watch } from './poll.ts';

/**
 * Like {@link Watch}, but without setting the descriptor to non-blocking: an epoll of its own watches the
 * descriptor, and Node's event loop watches the epoll. For sockets and pipes (a regular file: EPERM).
 *
 * The descriptor stays the caller's, and must be open as long as this is. Throws a {@link SystemError}.
 */
export class SharedWatch {
  readonly #fd: number;
  readonly #set: number;
  readonly #watch: Watch;

  /** @param ready what was wanted is so, or the other side has gone */
  constructor(fd: number, ready: () => void) {
    this.#fd = fd;
    this.#set = binding().readinessOpen(fd);
    try {
      this.#watch = new Watch(this.#set, { readable: ready, failed: ready });
    } catch (error) {
      close(this.#set);
      throw error;
    }
  }

  /** What to tell about from now on; nothing at first. Told again and again while it is so (level-triggered). */
  want(what: { readonly readable?: boolean; readonly writable?: boolean }): void {
    const readable = what.readable === true;
    const writable = what.writable === true;
    // An epoll tells of a peer that has gone even when nothing is wanted of it.
    if (readable || writable) binding().readinessSet(this.#set, this.#fd, readable, writable);
    this.#watch.want({ readable: readable || writable });
  }

  /** Ends it. Once only: it owns a descriptor. */
  close(): void {
    this.#watch.close();
    close(this.#set);
  }
}
