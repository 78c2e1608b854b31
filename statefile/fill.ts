/** Where an entry's bytes come from. */
import { fstatSync, read as readFile, readSync } from 'node:fs';
import { promisify } from 'node:util';
import { small } from './io/small.ts';

const read = promisify(readFile);

export interface Origin {
  /** Fills what it can; 0 is the end. */
  fill(into: Uint8Array): Promise<number>;
  /** Nothing more is wanted: ends a fill that is under way, unless that ends by itself. */
  stop(): void;
}

/** From a regular file, by reads as large as the buffer. The descriptor stays the caller's. */
export function fileOrigin(fd: number): Origin {
  let left = fstatSync(fd).size;
  return {
    fill: async (into) => {
      let total = 0;
      while (total < into.length) {
        const got =
          left <= small
            ? readSync(fd, into, total, into.length - total, null)
            : (await read(fd, into, total, into.length - total, null)).bytesRead;
        if (got === 0) break;
        total += got;
        left -= got;
      }
      return total;
    },
    stop: () => undefined,
  };
}

/**
 * From an iterable, whose pieces are copied: small ones are joined, and the iterable may use its memory again. When
 * the signal fires its next piece is not waited for.
 */
export function iterableOrigin(data: AsyncIterable<Uint8Array>, signal: AbortSignal | undefined): Origin {
  const iterator = data[Symbol.asyncIterator]();
  const stopping = new AbortController();
  const either = signal === undefined ? stopping.signal : AbortSignal.any([signal, stopping.signal]);
  let rest: Uint8Array = new Uint8Array();
  let isDone = false;
  return {
    fill: async (into) => {
      let total = 0;
      while (total < into.length && !isDone) {
        if (rest.length === 0) {
          const next = await unlessAborted(iterator.next(), either);
          if (next.done === true) isDone = true;
          else rest = next.value;
          continue;
        }
        const part = rest.subarray(0, into.length - total);
        into.set(part, total);
        rest = rest.subarray(part.length);
        total += part.length;
      }
      return total;
    },
    stop: () => {
      stopping.abort();
      // It may clean up; one that hangs, or fails in this, has nobody to wait for it.
      if (!isDone) iterator.return?.().catch(() => undefined);
      isDone = true;
    },
  };
}

/** Rejects with the reason of the signal, whatever the promise does then. */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = withReject();
  const abort = (): void => reject(signal.reason);
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

function withReject(): { readonly promise: Promise<never>; readonly reject: (reason: unknown) => void } {
  let reject: (reason: unknown) => void = () => undefined;
  const promise = new Promise<never>((_, no) => (reject = no));
  return { promise, reject };
}
