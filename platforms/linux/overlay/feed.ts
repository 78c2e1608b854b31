import type { Tar } from './tar.ts';

/**
 * Writes a source to a tar that reads, at its pace. False when it has ended before it had all, for whatever reason.
 * pipeline() would wait for a source that never gives its next part, also when nobody wants it any more.
 * @throws what `source` throws
 */
export async function feed(source: AsyncIterable<Uint8Array>, tar: Tar): Promise<boolean> {
  const { stdin } = tar;
  const iterator = source[Symbol.asyncIterator]();
  // It may end by itself before the source says that there is no more.
  const failed = tar.ended.then((why) =>
    why === '' ? new Promise<never>(() => undefined) : ('failed' as const),
  );
  for (;;) {
    const next = iterator.next();
    const part = await Promise.race([next, failed]);
    if (part === 'failed') {
      // What it is waiting for may never come, and what becomes of it is of no account: why tar failed is told.
      next.then(() => iterator.return?.()).catch(() => undefined);
      return false;
    }
    if (part.done === true) {
      stdin.end();
      return true;
    }
    if (part.value.length === 0) continue;
    if (stdin.destroyed || !(await written(part.value, tar))) {
      await iterator.return?.();
      return false;
    }
  }
}

/** False when tar has ended instead of reading on. */
async function written(part: Uint8Array, { stdin, ended }: Tar): Promise<boolean> {
  if (stdin.write(part)) return true;
  let drained: () => void = () => undefined;
  const drain = new Promise<true>((resolve) => {
    drained = () => {
      resolve(true);
    };
    stdin.once('drain', drained);
  });
  try {
    return await Promise.race([drain, ended.then(() => false)]);
  } finally {
    stdin.off('drain', drained);
  }
}
