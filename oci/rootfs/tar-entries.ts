import { once } from 'node:events';
import { Parser, ReadEntry } from 'tar';

export interface TarEntry {
  readonly header: ReadEntry;
  /** Must be read to its end before the next entry comes; of one that has no content, too. */
  readonly content: AsyncIterable<Uint8Array>;
}

/** Longer than any path or attribute list: what a pax header takes is held in memory. */
const mostMetadata = 1 << 20;

/**
 * The entries of a tar stream one after another: ustar, pax and GNU's long names. Rejects with an Error for what is no
 * tar, is truncated, or has a wrong checksum, and with the signal's reason. The source stays its owner's to close.
 */
export async function* tarEntries(
  source: AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
): AsyncGenerator<TarEntry, void, undefined> {
  signal?.throwIfAborted();
  const parser = new Parser({ strict: true, maxMetaEntrySize: mostMetadata });
  const waiting: ReadEntry[] = [];
  const stop = new AbortController();
  let current: ReadEntry | undefined;
  const seen = { end: false };
  let wake: () => void = () => undefined;
  const fail = (error: unknown): void => {
    stop.abort(error);
    current?.destroy(error);
    wake();
  };
  parser.on('entry', (entry: unknown) => {
    if (entry instanceof ReadEntry) waiting.push(entry);
    wake();
  });
  parser.on('ignoredEntry', (entry: unknown) => {
    const what = entry instanceof ReadEntry ? `${entry.path}: entries of type ${entry.type}` : 'some entries';
    fail(new Error(`${what} are not understood`));
  });
  parser.on('error', fail);
  parser.on('end', () => {
    seen.end = true;
    wake();
  });
  signal?.addEventListener('abort', () => fail(signal.reason), { once: true, signal: stop.signal });
  feed(source, parser, stop.signal).catch(fail);
  try {
    for (;;) {
      stop.signal.throwIfAborted();
      current = waiting.shift();
      if (current !== undefined) {
        // Its failure comes out of `content`; unheard, it would end the process.
        current.on('error', () => undefined);
        yield { header: current, content: contentOf(current, stop.signal) };
      } else if (seen.end) return;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    stop.abort(new Error('the reader has left'));
  }
}

/** Not the entry's own iterator alone: that waits for ever when the entry was destroyed before. */
async function* contentOf(entry: ReadEntry, stop: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
  const chunks: AsyncIterator<Uint8Array> = entry[Symbol.asyncIterator]();
  for (;;) {
    stop.throwIfAborted();
    const next = await chunks.next();
    if (next.done === true) return;
    yield next.value;
  }
}

/** The parser says by `write` when it has enough, and by `drain` when it wants more. */
async function feed(source: AsyncIterable<Uint8Array>, parser: Parser, stop: AbortSignal): Promise<void> {
  for await (const chunk of source) {
    stop.throwIfAborted();
    if (!parser.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length))) {
      await once(parser, 'drain', { signal: stop });
    }
  }
  parser.end();
}
