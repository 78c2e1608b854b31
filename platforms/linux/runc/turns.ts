/**
 * How many runtimes may be at work at once in this process. Each takes some 10 MB: a sandbox of a thousand containers
 * that is destroyed must not start a thousand. Far more than the processors can use, so that those that wait (for a
 * hook, for a slow disk) do not hold up the others.
 */
const most = 32;

let running = 0;
const waiting = new Set<() => void>();

/** Resolves when it is the caller's turn, with what ends it; undefined when `signal` is aborted before. First come, first served. */
export function takeTurn(signal: AbortSignal): Promise<(() => void) | undefined> {
  if (running < most) {
    running += 1;
    return Promise.resolve(endTurn);
  }
  return new Promise((resolve) => {
    const go = (): void => {
      signal.removeEventListener('abort', giveUp);
      resolve(endTurn);
    };
    const giveUp = (): void => {
      waiting.delete(go);
      resolve(undefined);
    };
    waiting.add(go);
    signal.addEventListener('abort', giveUp, { once: true });
  });
}

/** The turn passes to the next who waits. */
function endTurn(): void {
  const [next] = waiting;
  if (next === undefined) {
    running -= 1;
    return;
  }
  waiting.delete(next);
  next();
}
