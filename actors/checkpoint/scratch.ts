import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * A directory for what a checkpoint or restore has under way, and the work in it: the directory goes when nobody works
 * there any more.
 */
export class Scratch {
  readonly #parent: string;
  #directory: string | undefined;
  readonly #work = new Set<Promise<unknown>>();

  /** @param parent an existing directory; what a killed process leaves in it goes with that */
  constructor(parent: string) {
    this.#parent = parent;
  }

  /** Made when it is first asked for. @throws SystemError */
  async directory(): Promise<string> {
    this.#directory ??= await mkdtemp(join(this.#parent, 'scratch-'));
    return this.#directory;
  }

  /** Does work that `close` waits for, also when whoever asked for it does not wait any more. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    const running = work();
    this.#work.add(running);
    try {
      return await running;
    } finally {
      this.#work.delete(running);
    }
  }

  /** Waits for the work under way and removes the directory. @throws SystemError */
  async close(): Promise<void> {
    await Promise.allSettled(this.#work);
    if (this.#directory !== undefined) await rm(this.#directory, { recursive: true, force: true });
  }
}
