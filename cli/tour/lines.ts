import { Socket } from 'node:net';
import { files } from '../../native/index.ts';

/** A pipe that a process writes lines to. */
export class LinePipe {
  /** To send; the caller closes it once sent. */
  readonly writeEnd: number;
  readonly #stream: Socket;
  #text = '';

  constructor() {
    const { read, write } = files.pipe();
    this.writeEnd = write;
    this.#stream = new Socket({ fd: read, readable: true, writable: false });
    this.#stream.setEncoding('utf8').on('data', (piece: string) => {
      this.#text += piece;
    });
  }

  /** The whole lines so far. */
  get lines(): readonly string[] {
    return this.#text.split('\n').slice(0, -1);
  }

  /** Resolves with all lines when every writer has closed it. */
  ended(): Promise<readonly string[]> {
    if (this.#stream.readableEnded) return Promise.resolve(this.lines);
    return new Promise((resolve) => this.#stream.once('end', () => resolve(this.lines)));
  }

  close(): void {
    this.#stream.destroy();
  }
}
