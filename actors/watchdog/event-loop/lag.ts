/** Upper bounds, in seconds: of the buckets that Prometheus' histogram_quantile() reads. */
const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

/** How late an event loop came to what was due, as a histogram: cumulative counts by upper bound, in seconds. */
export class LagHistogram {
  readonly #counts: number[] = bounds.map(() => 0);
  #count = 0;
  #sum = 0;

  /** @param seconds not negative */
  observe(seconds: number): void {
    this.#count += 1;
    this.#sum += seconds;
    const first = bounds.findIndex((bound) => seconds <= bound);
    if (first >= 0) this.#counts[first] = (this.#counts[first] ?? 0) + 1;
  }

  get count(): number {
    return this.#count;
  }

  /** In seconds. */
  get sum(): number {
    return this.#sum;
  }

  /** By upper bound: as many as were no later. */
  get buckets(): readonly (readonly [bound: number, count: number])[] {
    let below = 0;
    return bounds.map((bound, index) => {
      below += this.#counts[index] ?? 0;
      return [bound, below];
    });
  }
}
