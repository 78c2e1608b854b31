import { files } from '../../native/index.ts';
import { maxFiles } from '../../native/sockets.ts';

/**
 * Which message the received descriptors belong to. They ride on the first byte of a message, and the kernel ends
 * what it hands out after the piece that carries them: so they belong to the last message that starts in the chunk
 * that they came with. White space before a message may carry its files, too.
 */
export class FileQueue {
  /** By the number of the message, counted from 1. */
  readonly #waiting = new Map<number, number[]>();

  /**
   * @param before how many messages had started before the chunk, @param after after it
   * @param wasInside the chunk began in the middle of a message
   * @returns false when there are more than a message may have. What belongs to no message is closed.
   */
  add(fds: readonly number[], before: number, after: number, wasInside: boolean): boolean {
    if (fds.length === 0) return true;
    if (after === before && wasInside) {
      closeAll(fds);
      return true;
    }
    const message = after === before ? after + 1 : after;
    const all = [...(this.#waiting.get(message) ?? []), ...fds];
    this.#waiting.set(message, all);
    return all.length <= maxFiles;
  }

  /** The files of that message, now the caller's. */
  take(message: number): number[] {
    if (this.#waiting.size === 0) return [];
    const fds = this.#waiting.get(message) ?? [];
    this.#waiting.delete(message);
    return fds;
  }

  /** Closes what nobody took. */
  close(): void {
    for (const fds of this.#waiting.values()) closeAll(fds);
    this.#waiting.clear();
  }
}

/** Closes every one of them; throws what the first failed one threw, after all. */
export function closeAll(fds: readonly number[]): void {
  let failed: Error | undefined;
  for (const fd of fds) {
    try {
      files.close(fd);
    } catch (error) {
      failed ??= error instanceof Error ? error : new Error(String(error));
    }
  }
  if (failed !== undefined) throw failed;
}
