/** What a timer takes at most, in ms. */
const longest = 2 ** 31 - 1;

/** A timer that can stand still. Made standing still. */
export class Countdown {
  readonly #done: () => void;
  #left: number;
  #since = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param ms until `done` is called, not counting the time in which it stands still */
  constructor(ms: number, done: () => void) {
    this.#left = ms;
    this.#done = done;
  }

  /** Milliseconds that are left. */
  get left(): number {
    return this.#timer === undefined
      ? this.#left
      : Math.max(0, this.#left - (performance.now() - this.#since));
  }

  go(): void {
    if (this.#timer !== undefined) return;
    this.#since = performance.now();
    const step = Math.min(this.#left, longest);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#left -= step;
      if (this.#left <= 0) this.#done();
      else this.go();
    }, step);
  }

  stop(): void {
    this.#left = this.left;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
