/**
 * Settles as `work` does, or rejects with the reason of `signal` when that is aborted before: for work that takes no
 * signal, and holds nothing that its caller would let go. Its own end is then nobody's any more.
 */
export function within<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      reject(signal.reason instanceof Error ? signal.reason : new Error('aborted', { cause: signal.reason }));
    };
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    work()
      .then(resolve, reject)
      .finally(() => {
        signal.removeEventListener('abort', abort);
      });
  });
}
