/** Those who wait for the next time that something is done. */
export class Waiters {
  readonly #waiting = new Set<(error: unknown) => void>();

  /** Resolves when it is done next, rejects when that fails; or with what `signal` was aborted with. */
  wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (error: unknown): void => {
        this.#waiting.delete(settle);
        signal.removeEventListener('abort', abort);
        if (error === undefined) resolve();
        else reject(error instanceof Error ? error : new Error('it has failed', { cause: error }));
      };
      const abort = (): void => settle(signal.reason);
      this.#waiting.add(settle);
      signal.addEventListener('abort', abort, { once: true });
      if (signal.aborted) abort();
    });
  }

  /** It is done, or has failed with an error: tells all who wait now. */
  tell(error?: unknown): void {
    for (const settle of [...this.#waiting]) settle(error);
  }
}
