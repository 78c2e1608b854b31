import { Readable } from 'node:stream';
import { Header } from 'tar';

export interface Entry {
  readonly path: string;
  readonly type?: Header['type'];
  readonly content?: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly linkpath?: string;
}

/** An archive with just these entries, of which a well-behaved program would not write most. */
export function archive(...entries: readonly Entry[]): Buffer {
  return Buffer.concat([...entries.map(blocksOf), Buffer.alloc(1024)]);
}

function blocksOf({ content = '', type = 'File', ...fields }: Entry): Buffer {
  const body = Buffer.from(content);
  const header = Buffer.alloc(512);
  new Header({ mode: 0o644, uid: 0, gid: 0, mtime: new Date(0), ...fields, type, size: body.length }).encode(
    header,
  );
  return Buffer.concat([header, body, Buffer.alloc((512 - (body.length % 512)) % 512)]);
}

/** Bytes as a stream of chunks of that size. */
export function streamOf(bytes: Buffer, chunk = 1000): AsyncIterable<Uint8Array> {
  const starts = Array.from({ length: Math.ceil(bytes.length / chunk) }, (_, index) => index * chunk);
  return Readable.from(starts.map((at) => bytes.subarray(at, at + chunk)));
}
