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
