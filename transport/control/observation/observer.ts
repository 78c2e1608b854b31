import { encode } from '../../codec/index.ts';
import type { Observation } from '../../methods/index.ts';
import type { OutputFile } from '../output-file.ts';
import type { Recorder } from './recorder.ts';

/** As many lines as are kept for an observer that does not read: it slows down nobody. */
const mostLines = 10_000;

/**
 * Tells one observer what happens in a sandbox. Lines that it is too slow for are left out; it is told how many, and
 * how everything is then.
 */
export class Observer {
  readonly #recorder: Recorder;
  readonly #output: OutputFile;
  #waiting: Observation[] = [];
  #dropped = 0;
  #wake: () => void = () => undefined;

  constructor(recorder: Recorder, output: OutputFile) {
    this.#recorder = recorder;
    this.#output = output;
  }

  /**
   * Tells until the sandbox is gone, or `signal` is aborted. @param withHistory what has happened is told first
   * @throws RunstateError SYSTEM when nobody reads any more
   */
  async run(withHistory: boolean, signal: AbortSignal): Promise<void> {
    this.#waiting.push(...(withHistory ? this.#recorder.history() : [this.#recorder.now()]));
    const stop = this.#recorder.follow((observation) => this.#add(observation));
    let isOver = false;
    const end = (): void => {
      isOver = true;
      this.#wake();
    };
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    const stopWaiting = this.#recorder.onEnd(end);
    try {
      while (await this.#more(() => isOver)) await this.#output.write(Buffer.from(this.#take()));
    } finally {
      stop();
      stopWaiting();
      signal.removeEventListener('abort', end);
    }
  }

  #add(observation: Observation): void {
    if (this.#waiting.length < mostLines) this.#waiting.push(observation);
    else this.#dropped += 1;
    this.#wake();
  }

  /** Waits until there is something to tell; false when there is nothing and nothing will come. */
  async #more(isOver: () => boolean): Promise<boolean> {
    while (this.#waiting.length === 0) {
      if (isOver()) return false;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return true;
  }

  #take(): string {
    const all = this.#waiting;
    this.#waiting = [];
    if (this.#dropped > 0) {
      all.push({ type: 'dropped', at: Date.now(), count: this.#dropped }, this.#recorder.now());
      this.#dropped = 0;
    }
    return all.map((one) => `${encode(one)}\n`).join('');
  }
}
