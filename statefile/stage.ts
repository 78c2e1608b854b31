import { closeSync, fstatSync, mkdirSync, openSync, write as writeFile, writeSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { RunstateError } from '../errors/index.ts';
import type { EntryReader } from './entry-reader.ts';
import type { StatefileHeader } from './format/header.ts';
import { foldersOf } from './format/names.ts';
import { systemError } from './io/errors.ts';
import { small } from './io/small.ts';
import { StatefileReader, type ReaderOptions } from './reader.ts';

const write = promisify(writeFile);

export interface StageOptions extends Omit<ReaderOptions, 'withoutKey'> {
  /** Called after every piece, with the bytes staged so far; of how many, about, where the file tells. */
  readonly onProgress?: (progress: {
    readonly phase: string;
    readonly bytes: number;
    readonly total?: number;
  }) => void;
}

export interface StagedEntry {
  readonly name: string;
  /** Of the file, in bytes. */
  readonly size: number;
  /** Absolute when the directory was. */
  readonly path: string;
}

export interface Staged {
  readonly header: StatefileHeader;
  readonly entries: readonly StagedEntry[];
  /** Of the statefile. */
  readonly bytes: number;
  readonly digest: string;
}

/**
 * Extracts a statefile's entries as files (mode 0600) into a directory that exists and is empty. Resolves when
 * everything was verified, the hash at the end too: what is staged then is what was written. Otherwise the directory
 * is empty again.
 *
 * Rejects as {@link StatefileReader} does; with SYSTEM for what the directory refuses, e.g. because its disk is full.
 */
export async function stageStatefile(
  fd: number,
  directory: string,
  options: StageOptions = {},
): Promise<Staged> {
  await refuseContent(directory);
  await using reader = await StatefileReader.open(fd, options);
  try {
    return await extract(reader, directory, options, sizeOf(fd, reader.header));
  } catch (error) {
    await empty(directory, error);
    throw error;
  }
}

/** What of the file is no entry is little. Undefined for a stream, and for what was compressed. */
function sizeOf(fd: number, { compression }: StatefileHeader): number | undefined {
  const status = fstatSync(fd);
  return status.isFile() && compression === 'none' ? status.size : undefined;
}

async function extract(
  reader: StatefileReader,
  directory: string,
  options: StageOptions,
  total: number | undefined,
): Promise<Staged> {
  const entries: StagedEntry[] = [];
  const folders = new Set<string>();
  let staged = 0;
  const progress = (bytes: number): void => {
    staged += bytes;
    options.onProgress?.({ phase: 'read', bytes: staged, ...(total === undefined ? {} : { total }) });
  };
  for (let entry = await reader.next(); entry !== undefined; entry = await reader.next()) {
    const path = join(directory, entry.name);
    const fd = await staging(() => {
      for (const folder of foldersOf(entry.name)) {
        if (folders.has(folder)) continue;
        mkdirSync(join(directory, folder), { mode: 0o700 });
        folders.add(folder);
      }
      return openSync(path, 'wx', 0o600);
    });
    try {
      await pour(entry, fd, reader, progress);
    } finally {
      closeSync(fd);
    }
    entries.push({ name: entry.name, size: entry.size, path });
  }
  const { bytes, digest } = await reader.finish();
  return { header: reader.header, entries, bytes, digest };
}

/** A piece is hashed while it is written, and the next one is being read. */
async function pour(
  entry: EntryReader,
  fd: number,
  reader: StatefileReader,
  progress: (bytes: number) => void,
): Promise<void> {
  for (let piece = await entry.next(); piece !== undefined; piece = await entry.next()) {
    const written = staging(() => writeAll(fd, piece));
    reader.settle();
    await written;
    progress(piece.length);
  }
}

async function writeAll(fd: number, piece: Uint8Array): Promise<void> {
  let done = piece.length <= small ? writeSync(fd, piece) : 0;
  while (done < piece.length) done += (await write(fd, piece, done, piece.length - done, null)).bytesWritten;
}

async function staging<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw systemError(error, 'stage', 'the statefile');
  }
}

/** All that is in it is removed on failure: so nothing of others may be. */
async function refuseContent(directory: string): Promise<void> {
  const [found] = await staging(() => readdir(directory));
  if (found !== undefined)
    throw new RunstateError('SYSTEM', {
      call: 'stage',
      what: 'the statefile',
      why: `${directory} is not empty: ${found}`,
    });
}

/** @throws RunstateError SYSTEM, caused by both, when it cannot be emptied */
async function empty(directory: string, cause: unknown): Promise<void> {
  try {
    for (const name of await readdir(directory))
      await rm(join(directory, name), { recursive: true, force: true });
  } catch (error) {
    throw new RunstateError(
      'SYSTEM',
      { call: 'stage', what: 'the statefile', why: `${directory} cannot be emptied after a failure` },
      { cause: new AggregateError([cause, error]) },
    );
  }
}
