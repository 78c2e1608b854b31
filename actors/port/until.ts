/** What of a port is looked at. */
interface Watched {
  readonly alive: boolean;
  readonly state: string;
  watch(callback: () => void): () => void;
}

/**
 * Resolves when the chart is in a state for which `holds` is true, or its actor is gone.
 * @throws what `signal` was aborted with
 */
export function until(port: Watched, holds: (state: string) => boolean, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      if (port.alive && !holds(port.state)) return;
      finish();
      resolve();
    };
    const abort = (): void => {
      finish();
      reject(signal.reason instanceof Error ? signal.reason : new Error('aborted', { cause: signal.reason }));
    };
    const stop = port.watch(look);
    const finish = (): void => {
      stop();
      signal.removeEventListener('abort', abort);
    };
    signal.addEventListener('abort', abort, { once: true });
    look();
    if (signal.aborted) abort();
  });
}
