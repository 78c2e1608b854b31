import type { Watchdog } from '../../actors/watchdog/index.ts';

/** In ms: whoever waits for a container is served first, and what lives shorter needs no watch. */
const delay = 1000;

/** Starts the watchdog when the supervisor has served who waits for it. Returns what stops it, or keeps it from starting. */
export function watchSoon(watchdog: Watchdog): () => Promise<void> {
  const timer = setTimeout(() => watchdog.start(), delay).unref();
  return async () => {
    clearTimeout(timer);
    await watchdog[Symbol.asyncDispose]();
  };
}
