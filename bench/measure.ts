import { performance } from 'node:perf_hooks';

/** Durations by name, in ms. */
export class Measurements {
  readonly #series = new Map<string, number[]>();

  /** Times one run. */
  async time<T>(name: string, run: () => Promise<T>): Promise<T> {
    const begun = performance.now();
    const result = await run();
    this.add(name, performance.now() - begun);
    return result;
  }

  add(name: string, ms: number): void {
    const series = this.#series.get(name);
    if (series === undefined) this.#series.set(name, [ms]);
    else series.push(ms);
  }

  /** @throws RangeError when nothing of that name was measured */
  of(name: string): readonly number[] {
    const series = this.#series.get(name);
    if (series === undefined) throw new RangeError(`${name} was not measured`);
    return series;
  }
}
