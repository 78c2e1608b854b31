import { isError } from '../errors/index.ts';
import { files } from '../native/index.ts';
import type { StatefileHeader } from './format/header.ts';
import { StatefileReader } from './reader.ts';

export interface InspectedEntry {
  readonly name: string;
  /** Before compression, in bytes; and what it takes in the statefile. */
  readonly bytes: number;
  readonly stored: number;
}

export interface Inspection {
  readonly header: StatefileHeader;
  readonly entries: readonly InspectedEntry[];
  /** Of the whole statefile. */
  readonly bytes: number;
  readonly digest: string;
  /** False: it is keyed, and no key was given, so that nobody knows whether it is as it was written. */
  readonly isVerified: boolean;
}

/**
 * Reads a statefile through and tells what is in it, of any architecture and platform. Nothing is restored or
 * written. Without its key a keyed one can be looked at, too. Rejects as {@link StatefileReader} does.
 */
export async function inspectStatefile(
  fd: number,
  options: { readonly key?: Uint8Array; readonly signal?: AbortSignal } = {},
): Promise<Inspection> {
  await using reader = await StatefileReader.open(fd, {
    ...options,
    withoutKey: true,
    expect: { architecture: 'any' },
  });
  const entries: InspectedEntry[] = [];
  for (let entry = await reader.next(); entry !== undefined; entry = await reader.next()) {
    while ((await entry.next()) !== undefined);
    entries.push({ name: entry.name, bytes: entry.size, stored: entry.stored });
  }
  const { bytes, digest, isVerified } = await reader.finish();
  return { header: reader.header, entries, bytes, digest, isVerified };
}

/** The header alone, of a regular file; undefined for what can be read but once, or is no statefile. @throws as StatefileReader */
export async function readStatefileHeader(fd: number): Promise<StatefileHeader | undefined> {
  if (files.fileKind(fd) !== 'file') return undefined;
  try {
    await using reader = await StatefileReader.open(fd, {
      withoutKey: true,
      expect: { architecture: 'any' },
    });
    return reader.header;
  } catch (error) {
    if (isError(error, 'STATEFILE_NOT_ONE') || isError(error, 'STATEFILE_EMPTY')) return undefined;
    throw error;
  }
}
