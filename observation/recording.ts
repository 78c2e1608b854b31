import { KnownSandbox } from './known-sandbox.ts';
import type { Observation, SnapshotObservation } from './types.ts';

/** So many observations lie between two moments that are kept whole. */
const between = 200;

/**
 * What was observed of a sandbox, in which one can go back: everything as it was after any observation. Bounded: the
 * oldest are let go. Observations are counted from the first that it ever took.
 */
export class Recording {
  readonly #most: number;
  readonly #live = new KnownSandbox();
  #observations: Observation[] = [];
  /** The number of the first that is kept. */
  #first = 0;
  /** Everything as it was before the observation of that number. */
  #keyframes: { readonly number: number; readonly snapshot: SnapshotObservation | undefined }[] = [];

  /** @param most that are kept; a few more may be */
  constructor(most = 20_000) {
    this.#most = most;
  }

  /** The number of the first that can be gone back to. */
  get first(): number {
    return this.#first;
  }

  /** The number that the next one gets. */
  get end(): number {
    return this.#first + this.#observations.length;
  }

  /** The oldest first. */
  get observations(): readonly Observation[] {
    return this.#observations;
  }

  get now(): SnapshotObservation | undefined {
    return this.#live.snapshot;
  }

  get(number: number): Observation | undefined {
    return this.#observations[number - this.#first];
  }

  /** Gives its number. */
  take(observation: Observation): number {
    const number = this.end;
    if (number % between === 0) this.#keyframes.push({ number, snapshot: this.#live.snapshot });
    this.#live.take(observation);
    this.#observations.push(observation);
    if (this.#observations.length > this.#most) this.#letGo();
    return number;
  }

  /** Everything as it was after the observation of that number; undefined before the first snapshot, or when that is not kept. */
  after(number: number): SnapshotObservation | undefined {
    if (number < this.#first) return undefined;
    const frame = this.#keyframes.findLast((one) => one.number <= number);
    const known = new KnownSandbox(frame?.snapshot);
    const from = (frame?.number ?? this.#first) - this.#first;
    for (const one of this.#observations.slice(from, number - this.#first + 1)) known.take(one);
    return known.snapshot;
  }

  /**
   * What is kept, beginning with a snapshot: another recording that takes these is the same, but for the numbers.
   */
  whole(): readonly Observation[] {
    const [before] = this.#keyframes;
    return before?.snapshot === undefined ? this.#observations : [before.snapshot, ...this.#observations];
  }

  /** A tenth, up to a moment that is kept whole. */
  #letGo(): void {
    const wanted = this.#first + this.#most / 10;
    const frame = this.#keyframes.find(({ number }) => number >= wanted);
    if (frame === undefined) return;
    this.#observations = this.#observations.slice(frame.number - this.#first);
    this.#keyframes = this.#keyframes.filter(({ number }) => number >= frame.number);
    this.#first = frame.number;
  }
}
