import { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { files } from '../native/index.ts';
import type { ProgressLine } from '../transport/client/index.ts';

export type OnProgress = (progress: ProgressLine) => void;

/** A pipe by which a server tells how far it is; its writing end goes along with the call. */
export class ProgressPipe implements Disposable {
  readonly #reader: Socket;
  readonly #write: number;

  constructor(onProgress: OnProgress) {
    const pipe = files.pipe();
    this.#write = pipe.write;
    this.#reader = new Socket({ fd: pipe.read, readable: true, writable: false });
    // A pipe of our own that breaks tells nothing that the call does not.
    this.#reader.on('error', () => undefined);
    createInterface({ input: this.#reader }).on('line', (line) => {
      const progress = parse(line);
      if (progress !== undefined) onProgress(progress);
    });
  }

  /** To send; it stays ours. */
  get fd(): number {
    return this.#write;
  }

  [Symbol.dispose](): void {
    files.close(this.#write);
    this.#reader.destroy();
  }
}

/** Undefined for what a server of another kind may write. */
function parse(line: string): ProgressLine | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null) return undefined;
    if (!('phase' in value && 'bytes' in value)) return undefined;
    const { phase, bytes } = value;
    if (typeof phase !== 'string' || typeof bytes !== 'number') return undefined;
    const total = 'total' in value && typeof value.total === 'number' ? { total: value.total } : {};
    return { phase, bytes, ...total };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
