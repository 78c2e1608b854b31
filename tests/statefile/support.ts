/** What the tests of the statefile share: a directory that goes with the test, and small statefiles in it. */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { isRunstateError, type RunstateError } from '../../errors/index.ts';
import {
  StatefileWriter,
  stageStatefile,
  type HeaderFields,
  type StageOptions,
  type Staged,
  type WriterOptions,
  type Written,
} from '../../statefile/index.ts';

export const key = Buffer.from('a secret');

export const fields: HeaderFields = {
  metadata: { purpose: 'test', __proto__x: 'ü' },
  manifest: { containers: [{ cid: 'c1', limit: 18446744073709551615n, pid: 7 }] },
  platform: 'linux',
  runtime: { name: 'runc', version: '1.1.5' },
  version: '0.1.0',
};

export function directoryOf(t: ExecutionContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'rs-statefile-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export type Entries = Readonly<Record<string, AsyncIterable<Uint8Array> | Uint8Array>>;

export const small: Entries = {
  'c1/pages-1.img': Buffer.concat([Buffer.alloc(300, 'page'), randomBytes(50)]),
  'c1/empty': new Uint8Array(),
  'layers/c1.tar': Buffer.from('x'),
};

/** Writes entries to a descriptor, which stays open. */
export async function writeTo(fd: number, entries: Entries, options: WriterOptions = {}): Promise<Written> {
  await using writer = await StatefileWriter.open(fd, fields, options);
  for (const [name, data] of Object.entries(entries))
    await writer.addEntry(name, data instanceof Uint8Array ? once(data) : data);
  return await writer.finish();
}

// eslint-disable-next-line @typescript-eslint/require-await -- an iterable of what is there
export async function* once(data: Uint8Array): AsyncGenerator<Uint8Array> {
  yield data;
}

/** Pieces of 64 KiB that differ, so many bytes in all. */
// eslint-disable-next-line @typescript-eslint/require-await -- as above
export async function* bytes(total: number): AsyncGenerator<Uint8Array> {
  const piece = randomBytes(65_536);
  for (let done = 0; done < total; done += piece.length) {
    piece.writeUInt32BE(done);
    yield piece.subarray(0, total - done);
  }
}

/** A statefile of these entries, as bytes. */
export async function makeStatefile(
  directory: string,
  entries: Entries,
  options: WriterOptions = {},
): Promise<Buffer> {
  const file = join(directory, 'made');
  const fd = openSync(file, 'w');
  try {
    await writeTo(fd, entries, options);
  } finally {
    closeSync(fd);
  }
  return readFileSync(file);
}

/** Stages what a file holds into a new directory. */
export async function stageFile(file: string, to: string, options: StageOptions = {}): Promise<Staged> {
  mkdirSync(to, { recursive: true });
  const fd = openSync(file, 'r');
  try {
    return await stageStatefile(fd, to, options);
  } finally {
    closeSync(fd);
  }
}

/** What it is refused with; fails when it is not. */
export async function refusal(work: Promise<unknown>): Promise<RunstateError> {
  try {
    await work;
  } catch (error) {
    if (isRunstateError(error)) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

/** The descriptors of this process that name something a test could have left open. */
export function openFiles(): readonly string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`);
      return target.endsWith('/fd') ? [] : [`${fd} ${target}`];
    } catch {
      // The one that listed them.
      return [];
    }
  });
}
