import { Session, type Profiler } from 'node:inspector';

/**
 * What of the project's own code is run, by V8's own counts (precise coverage, by blocks): an input that reaches what none
 * before it did is worth keeping.
 */
export class BlockCoverage implements Disposable {
  readonly #session = new Session();
  readonly #seen = new Set<string>();

  constructor() {
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  get size(): number {
    return this.#seen.size;
  }

  /** How many blocks were reached since the last time that were not before. */
  takeNew(): number {
    const before = this.#seen.size;
    // It calls back before it returns.
    this.#session.post('Profiler.takePreciseCoverage', (_error, taken) => {
      for (const script of taken.result) if (isOurs(script)) this.#take(script);
    });
    return this.#seen.size - before;
  }

  [Symbol.dispose](): void {
    this.#session.disconnect();
  }

  #take({ url, functions }: Profiler.ScriptCoverage): void {
    for (const { ranges } of functions)
      for (const { startOffset, endOffset, count } of ranges)
        if (count > 0) this.#seen.add(`${url}:${startOffset}-${endOffset}`);
  }
}

const isOurs = ({ url }: Profiler.ScriptCoverage): boolean =>
  url.startsWith('file:') && !url.includes('/node_modules/') && !url.includes('/verify/');
