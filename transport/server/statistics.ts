/** How often methods were called, for who looks at the server. */
export type Outcome = 'succeeded' | 'failed';

export interface MethodStatistics {
  readonly succeeded: number;
  readonly failed: number;
  /** Of all, in ms: also of those that wait for something to happen. */
  readonly duration: number;
}

const none: MethodStatistics = { succeeded: 0, failed: 0, duration: 0 };

export class CallStatistics {
  readonly #methods = new Map<string, MethodStatistics>();

  /** By method; those that were never called are left out. */
  get methods(): ReadonlyMap<string, MethodStatistics> {
    return this.#methods;
  }

  /** Counts a call. @param duration in ms */
  ended(method: string, outcome: Outcome, duration: number): void {
    const before = this.#methods.get(method) ?? none;
    const after = { ...before, duration: before.duration + duration };
    this.#methods.set(method, { ...after, [outcome]: before[outcome] + 1 });
  }
}
