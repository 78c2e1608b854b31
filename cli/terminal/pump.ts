import { read } from 'node:fs';
import { Watch, files, isSystemError } from '../../native/index.ts';

/** A descriptor to copy from or to, watched where that is possible (regular files and /dev/null are always ready). */
export class Endpoint implements Disposable {
  readonly fd: number;
  readonly #watch: Watch | undefined;
  #wanted = { readable: false, writable: false };
  readable: () => void = () => undefined;
  writable: () => void = () => undefined;
  failed: (error: Error) => void = () => undefined;

  /** The descriptor stays the caller's. */
  constructor(fd: number) {
    this.fd = fd;
    try {
      this.#watch = new Watch(fd, {
        readable: () => this.readable(),
        writable: () => this.writable(),
        failed: (error) => this.failed(error),
      });
    } catch (error) {
      if (!isSystemError(error, 'EPERM')) throw error;
    }
  }

  get isWatched(): boolean {
    return this.#watch !== undefined;
  }

  want(what: { readonly readable?: boolean; readonly writable?: boolean }): void {
    this.#wanted = { ...this.#wanted, ...what };
    this.#watch?.want(this.#wanted);
  }

  [Symbol.dispose](): void {
    this.#watch?.close();
  }
}

/** Copies from one descriptor to another as fast as both allow; reads nothing while the other side is full. */
export class Pump {
  readonly #from: Endpoint;
  readonly #to: Endpoint;
  readonly #onEnd: (error?: unknown) => void;
  readonly #buffer = Buffer.alloc(64 * 1024);
  #held: Buffer | undefined;
  #isOver = false;
  /** How many bytes were read so far. */
  bytes = 0;

  /** `onEnd` is called once: at the end of the input, or with what went wrong. */
  constructor(from: Endpoint, to: Endpoint, onEnd: (error?: unknown) => void) {
    this.#from = from;
    this.#to = to;
    this.#onEnd = onEnd;
    from.readable = () => this.#guard(() => this.#pull());
    to.writable = () => this.#guard(() => this.#push());
    from.failed = (error) => this.#end(error);
    this.#resume();
  }

  /** Ends the copying; `onEnd` is not called any more. */
  stop(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#from.want({ readable: false });
    this.#to.want({ writable: false });
  }

  #resume(): void {
    if (this.#isOver) return;
    if (this.#from.isWatched) this.#from.want({ readable: true });
    else
      read(this.#from.fd, this.#buffer, 0, this.#buffer.length, null, (error, bytes) =>
        this.#guard(() => {
          if (error !== null) throw error;
          this.#take(bytes === 0 ? 'end' : bytes);
        }),
      );
  }

  #pull(): void {
    const bytes = files.read(this.#from.fd, this.#buffer);
    if (bytes !== undefined) this.#take(bytes);
  }

  #take(bytes: number | 'end'): void {
    if (this.#isOver) return;
    if (bytes === 'end') {
      this.#end();
      return;
    }
    this.bytes += bytes;
    this.#held = this.#buffer.subarray(0, bytes);
    this.#from.want({ readable: false });
    this.#push();
  }

  #push(): void {
    while (this.#held !== undefined && this.#held.length > 0) {
      const bytes = files.write(this.#to.fd, this.#held);
      if (bytes === undefined) {
        this.#to.want({ writable: true });
        return;
      }
      this.#held = this.#held.subarray(bytes);
    }
    this.#held = undefined;
    this.#to.want({ writable: false });
    this.#resume();
  }

  #guard(act: () => void): void {
    if (this.#isOver) return;
    try {
      act();
    } catch (error) {
      this.#end(error);
    }
  }

  #end(error?: unknown): void {
    if (this.#isOver) return;
    this.stop();
    this.#onEnd(error);
  }
}
