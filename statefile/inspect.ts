import { isError } from '../errors/index.ts';
import { files } from '../native/index.ts';
import type { StatefileHeader } from './header.ts';
import { StatefileReader } from './reader.ts';

export interface Inspection {
  readonly header: StatefileHeader;
  /** Bytes of each, as they are restored. */
  readonly entries: readonly { readonly name: string; readonly bytes: number }[];
  /** False for one with a key that was not given: then nothing says that it is whole. */
  readonly isVerified: boolean;
}

/** Reads a statefile without restoring anything. @throws RunstateError as StatefileReader */
export async function inspectStatefile(
  fd: number,
  options: { readonly key?: Uint8Array; readonly signal: AbortSignal },
): Promise<Inspection> {
  const { key, signal } = options;
  await using reader = await StatefileReader.open(fd, {
    signal,
    ...(key === undefined ? { withoutKey: true } : { key }),
  });
  const { header } = reader;
  const entries: { name: string; bytes: number }[] = [];
  for await (const { name, content } of reader.entries()) {
    let bytes = 0;
    for await (const piece of content) bytes += piece.length;
    entries.push({ name, bytes });
  }
  const isVerified = !header.isKeyed || key !== undefined;
  if (isVerified) await reader.verify();
  return { header, entries, isVerified };
}

/** The header alone, of a regular file; undefined for what can be read but once, or is no statefile. @throws as StatefileReader */
export async function readStatefileHeader(fd: number): Promise<StatefileHeader | undefined> {
  if (files.fileKind(fd) !== 'file') return undefined;
  try {
    await using reader = await StatefileReader.open(fd, {
      signal: AbortSignal.timeout(headerTimeout),
      withoutKey: true,
    });
    return reader.header;
  } catch (error) {
    if (isError(error, 'STATEFILE_NOT_ONE') || isError(error, 'STATEFILE_EMPTY')) return undefined;
    throw error;
  }
}

/** Ms. */
const headerTimeout = 10_000;
