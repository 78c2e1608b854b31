import { sockets } from '../../native/index.ts';

const noFiles: readonly number[] = [];

/** A message on its way out: as much as the socket takes, again and again. */
export class OutgoingMessage {
  readonly #fd: number;
  readonly #data: Buffer;
  readonly #done: (error?: unknown) => void;
  #files: readonly number[];
  #sent = 0;

  constructor(fd: number, data: Buffer, fds: readonly number[], done: (error?: unknown) => void) {
    this.#fd = fd;
    this.#data = data;
    this.#files = fds;
    this.#done = done;
  }

  /** `full`: go on when the socket is writable. */
  advance(): 'sent' | 'full' | { readonly error: unknown } {
    try {
      while (this.#sent < this.#data.length) {
        const took = sockets.send(this.#fd, this.#data, this.#sent, this.#files);
        if (took === undefined) return 'full';
        // They went with the first byte.
        this.#files = noFiles;
        this.#sent += took;
      }
      return 'sent';
    } catch (error) {
      return { error };
    }
  }

  settle(state: 'sent' | { readonly error: unknown }): void {
    if (state === 'sent') this.#done();
    else this.#done(state.error);
  }

  fail(error: unknown): void {
    this.#done(error);
  }
}
