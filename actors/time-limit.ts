/**
 * A signal that is aborted when a time is up, or another one is: for work that has to end. Dispose of it when that has
 * settled. Not `AbortSignal.any([other, AbortSignal.timeout(ms)])`: Node 20 holds the signal with the timer weakly, so
 * that after a garbage collection the time is never up.
 */
export class TimeLimit implements Disposable {
  readonly #abort = new AbortController();
  readonly #outer: AbortSignal | undefined;
  readonly #timer: NodeJS.Timeout;
  readonly #onOuter = (): void => this.#abort.abort(this.#outer?.reason);
  #isOver = false;

  /** @param ms how long it may take @param outer whose abortion, with its reason, counts too */
  constructor(ms: number, outer?: AbortSignal) {
    this.#outer = outer;
    this.#timer = setTimeout(() => {
      this.#isOver = true;
      this.#abort.abort(Object.assign(new Error(`not done after ${ms} ms`), { name: 'TimeoutError' }));
    }, ms);
    outer?.addEventListener('abort', this.#onOuter, { once: true });
    if (outer?.aborted === true) this.#onOuter();
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** True when the time is up. */
  get isOver(): boolean {
    return this.#isOver;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener('abort', this.#onOuter);
  }
}
