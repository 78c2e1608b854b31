/** One call to the platform that has not settled. */
export interface PlatformCall {
  /** Of no other call of the sandbox. */
  readonly number: number;
  /** The platform's method. */
  readonly name: string;
  /** A container; "" for the sandbox as a whole. */
  readonly id: string;
  /** Milliseconds since the Unix epoch. */
  readonly since: number;
  /** What tells it to stop. Without one, `limit` says how long it may take, in ms. */
  readonly signal: AbortSignal | undefined;
  readonly limit: number | undefined;
}

/** What the platform is asked for and has not settled: as cheap as a set, as every call passes here. */
export class PlatformCalls {
  readonly #open = new Set<PlatformCall>();
  #last = 0;

  /** The oldest first. */
  get open(): ReadonlySet<PlatformCall> {
    return this.#open;
  }

  /** Calls, and keeps the call until it settles. Settles as it does. */
  async during<T>(call: Omit<PlatformCall, 'number' | 'since'>, work: () => Promise<T>): Promise<T> {
    const entry = { ...call, number: ++this.#last, since: Date.now() };
    this.#open.add(entry);
    try {
      return await work();
    } finally {
      this.#open.delete(entry);
    }
  }
}
