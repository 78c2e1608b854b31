import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';

/** First bytes of formats that are met in practice and not read here. */
const others: Readonly<Record<string, string>> = { fd377a58: 'xz', '28b52ffd': 'zstd', '425a6839': 'bzip2' };

/**
 * The bytes of an archive, uncompressed when they begin as gzip does (RFC 1952).
 * Rejects with an Error for another compression, for broken data, and when more than `limit` bytes come out.
 */
export async function* uncompressed(
  source: AsyncIterable<Uint8Array>,
  limit: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const bytes = source[Symbol.asyncIterator]();
  const head: Uint8Array[] = [];
  let done = false;
  while (!done && lengthOf(head) < 4) {
    const next = await bytes.next();
    if (next.done === true) done = true;
    else head.push(next.value);
  }
  const magic = Buffer.concat(head).toString('hex', 0, 4);
  const other = others[magic];
  if (other !== undefined) throw new Error(`it is compressed by ${other}; gzip or nothing is understood`);
  const whole = all(head, bytes);
  let seen = 0;
  for await (const chunk of magic.startsWith('1f8b') ? gunzipped(whole) : whole) {
    seen += chunk.length;
    if (seen > limit) throw new Error(`it holds more than ${limit} bytes, which is the limit`);
    yield chunk;
  }
}

async function* gunzipped(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const gunzip = createGunzip();
  const chunks: AsyncIterable<Buffer> = gunzip;
  // What goes wrong on the way in comes out of gunzip; what the reader leaves unread is no failure.
  pipeline(source, gunzip).catch(() => undefined);
  yield* chunks;
}

async function* all(
  head: readonly Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* head;
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
  } finally {
    // The file behind it is closed also when nobody reads to the end.
    await rest.return?.();
  }
}

function lengthOf(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, chunk) => sum + chunk.length, 0);
}
