import type { Logger } from '../../log/logger.ts';

const stopping = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** The signals that end a supervisor: the first one aborts `signal`, a second one ends the process at once, with 1. */
export class StopSignals implements Disposable {
  readonly #abort = new AbortController();
  readonly #log: Logger;
  readonly #onSignal = (name: string): void => this.#received(name);

  constructor(log: Logger) {
    this.#log = log;
    for (const name of stopping) process.on(name, this.#onSignal);
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  [Symbol.dispose](): void {
    for (const name of stopping) process.off(name, this.#onSignal);
  }

  #received(name: string): void {
    if (this.#abort.signal.aborted) {
      this.#log.error('ended by a second signal before everything was destroyed', { signal: name });
      process.exit(1);
    }
    this.#log.info('asked to end by a signal; everything is destroyed first', { signal: name });
    this.#abort.abort(new Error(`interrupted by ${name}`));
  }
}
