/**
 * For which request work is done, by the signal that it is done with: whoever sees the platform at work sees the signal
 * and nothing else of it.
 */
const requests = new WeakMap<AbortSignal, string>();

/** What is done with that signal is done for the request with that correlation. */
export function workFor(signal: AbortSignal, correlation: string | undefined): void {
  if (correlation !== undefined) requests.set(signal, correlation);
}

/** Undefined for what nobody asked for. */
export const requestOf = (signal: AbortSignal | undefined): string | undefined =>
  signal === undefined ? undefined : requests.get(signal);

let current: string | undefined;

/** As {@link workFor}, for what is called without a signal: what `call` calls at once is done for that request. */
export function callingFor<T>(correlation: string | undefined, call: () => T): T {
  current = correlation;
  try {
    return call();
  } finally {
    current = undefined;
  }
}

/** Of the call that is being made now. */
export const currentRequest = (): string | undefined => current;
