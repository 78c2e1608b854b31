import type { SandboxSystem } from '../../../actors/sandbox/sandbox-system.ts';
import { messageOf } from '../../../errors/index.ts';
import { encode } from '../../codec/index.ts';
import type { Observation } from '../../methods/index.ts';
import type { OutputFile } from '../output-file.ts';
import type { ServerView } from '../server-view.ts';
import { snapshotOf } from './snapshot.ts';

/** As many lines as are kept for an observer that does not read: it slows down nobody. */
const mostLines = 10_000;

/**
 * Tells one observer what happens in a sandbox. Lines that it is too slow for are left out; it is told how many, and
 * how everything is then.
 */
export class Observer {
  readonly #system: SandboxSystem;
  readonly #output: OutputFile;
  #waiting: string[] = [];
  #dropped = 0;
  #wake: () => void = () => undefined;

  constructor(system: SandboxSystem, output: OutputFile) {
    this.#system = system;
    this.#output = output;
  }

  /** Tells until the sandbox is destroyed, or `signal` is aborted. @throws RunstateError SYSTEM when nobody reads any more */
  async run({ observers }: ServerView, self: string, signal: AbortSignal): Promise<void> {
    this.#add(snapshotOf(this.#system));
    const stops = [
      this.#system.observe((transition) => this.#add({ type: 'transition', ...transition })),
      observers.add({
        began: ({ method, requestId }) => {
          if (requestId !== self)
            this.#add({ type: 'call', at: Date.now(), phase: 'began', method, correlation: requestId });
        },
        ended: ({ method, requestId, duration, error }) => {
          if (requestId === self) return;
          const phase = error === undefined ? 'succeeded' : 'failed';
          const more = error === undefined ? {} : { error: messageOf(error) };
          this.#add({
            type: 'call',
            at: Date.now(),
            phase,
            method,
            correlation: requestId,
            duration,
            ...more,
          });
        },
      }),
    ];
    let isOver = false;
    const end = (): void => {
      isOver = true;
      this.#wake();
    };
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    void this.#system.destroyed.then(end);
    try {
      while (await this.#more(() => isOver)) await this.#output.write(Buffer.from(this.#take()));
    } finally {
      for (const stop of stops) stop();
      signal.removeEventListener('abort', end);
    }
  }

  #add(observation: Observation): void {
    if (this.#waiting.length < mostLines) this.#waiting.push(`${encode(observation)}\n`);
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
    const text = this.#waiting.join('');
    this.#waiting = [];
    if (this.#dropped === 0) return text;
    const dropped = { type: 'dropped', at: Date.now(), count: this.#dropped } as const;
    this.#dropped = 0;
    return `${text}${encode(dropped)}\n${encode(snapshotOf(this.#system))}\n`;
  }
}
