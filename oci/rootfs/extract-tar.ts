import { createReadStream } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { ReadEntry } from 'tar';
import { RunstateError, messageOf } from '../../errors/index.ts';
import { errnoOf } from '../errno.ts';
import { tarEntries, type TarEntry } from './tar-entries.ts';
import { TreeWriter, type Attributes } from './tree-writer.ts';
import { uncompressed } from './uncompressed.ts';

export interface ExtractOptions {
  readonly signal?: AbortSignal;
  /** Most bytes that the archive may have when uncompressed; 16 GiB by default. */
  readonly maxBytes?: number;
  /** Most entries; a million by default. */
  readonly maxEntries?: number;
  /** Give files the owners that the archive names; true by default for root, who alone can. */
  readonly owners?: boolean;
  /** What to do with devices and pipes: `skip` them (the default: the OCI runtime makes those that a container needs), or `refuse` the archive. */
  readonly devices?: 'skip' | 'refuse';
}

export interface Extracted {
  readonly entries: number;
  /** Paths of devices and pipes that were left out. */
  readonly skipped: readonly string[];
}

interface Writing {
  readonly tree: TreeWriter;
  readonly owners: boolean;
  readonly devices: 'skip' | 'refuse';
  readonly skipped: string[];
}

/** By the names that the parser gives to type flags (tar(5)). */
const kinds: Readonly<Record<string, 'file' | 'directory' | 'symbolic link' | 'hard link' | 'device'>> = {
  File: 'file',
  OldFile: 'file',
  ContiguousFile: 'file',
  Directory: 'directory',
  GNUDumpDir: 'directory',
  SymbolicLink: 'symbolic link',
  Link: 'hard link',
  CharacterDevice: 'device',
  BlockDevice: 'device',
  FIFO: 'device',
};

/**
 * Unpacks a root file system from a tar archive, plain or compressed by gzip: a file's path, or its bytes. `directory` is
 * made; when it is there it must be empty. A stream is destroyed at the end. Nothing is written outside it, whatever the archive says. Kept: contents,
 * modes, times, owners (see the options), symbolic and hard links. Not kept: extended attributes, so neither access
 * lists nor file capabilities. After a failure `directory` is as it was before.
 * @throws RunstateError ARCHIVE, which names the entry; CANCELLED when the signal is aborted
 */
export async function extractTar(
  source: string | AsyncIterable<Uint8Array>,
  directory: string,
  options: ExtractOptions = {},
): Promise<Extracted> {
  const archive = typeof source === 'string' ? source : 'stream';
  let made: boolean | undefined;
  try {
    if (typeof source === 'string' && !(await stat(source)).isFile()) {
      // The opening of a pipe could wait for ever, and could not be taken back.
      throw new Error('it is not a regular file; pass what is read from it as a stream');
    }
    made = await prepare(directory);
    options.signal?.throwIfAborted();
    return await extract(source, directory, options);
  } catch (error) {
    if (made !== undefined) await empty(directory, made);
    if (options.signal?.aborted === true) {
      throw new RunstateError(
        'CANCELLED',
        { verb: 'extraction', kind: 'archive', id: archive },
        { cause: error },
      );
    }
    throw new RunstateError('ARCHIVE', { archive, why: messageOf(error) }, { cause: error });
  }
}

async function extract(
  source: string | AsyncIterable<Uint8Array>,
  directory: string,
  options: ExtractOptions,
): Promise<Extracted> {
  await using tree = await TreeWriter.open(directory);
  const bytes = typeof source === 'string' ? createReadStream(source) : source;
  try {
    return await writeAll(bytes, tree, options);
  } finally {
    // Whether it was read to its end or not.
    if (bytes instanceof Readable) bytes.destroy();
  }
}

async function writeAll(
  bytes: AsyncIterable<Uint8Array>,
  tree: TreeWriter,
  options: ExtractOptions,
): Promise<Extracted> {
  const { signal, maxBytes = 16 * 2 ** 30, maxEntries = 1_000_000 } = options;
  const writing: Writing = {
    tree,
    owners: options.owners ?? process.getuid?.() === 0,
    devices: options.devices ?? 'skip',
    skipped: [],
  };
  let entries = 0;
  for await (const entry of tarEntries(uncompressed(bytes, maxBytes), signal)) {
    if (++entries > maxEntries) throw new Error(`it has more than ${maxEntries} entries, which is the limit`);
    try {
      await write(entry, writing);
    } catch (error) {
      throw new Error(`${JSON.stringify(entry.header.path)}: ${messageOf(error)}`, { cause: error });
    }
  }
  if (entries === 0) throw new Error('it has no entries');
  await tree.finish();
  return { entries, skipped: writing.skipped };
}

async function write({ header, content }: TarEntry, writing: Writing): Promise<void> {
  const { tree, owners, devices, skipped } = writing;
  const names = namesOf(header.path);
  const attributes = attributesOf(header, owners);
  const kind = kinds[header.type];
  if (kind === 'file') return tree.file(names, content, attributes);
  if (kind === 'directory') await tree.directory(names, attributes);
  else if (kind === 'symbolic link') await tree.symbolicLink(names, required(header.linkpath), attributes);
  else if (kind === 'hard link') await tree.hardLink(names, namesOf(required(header.linkpath)));
  else if (kind === undefined) throw new Error(`entries of type ${header.type} are not understood`);
  else if (devices === 'refuse') throw new Error('it is a device or a pipe');
  else skipped.push(names.join('/'));
  // There should be none, but what there is stands before the next entry.
  await readThrough(content);
}

async function readThrough(content: AsyncIterable<Uint8Array>): Promise<void> {
  const chunks = content[Symbol.asyncIterator]();
  while ((await chunks.next()).done !== true);
}

/** The components of a path, which must stay below the root. Zero bytes would end a name early. */
function namesOf(path: string): string[] {
  if (path.startsWith('/')) throw new Error('its path is absolute');
  if (path.includes('\0')) throw new Error('its path holds a zero byte');
  const names = path.split('/').filter((name) => name !== '' && name !== '.');
  if (names.includes('..')) throw new Error('its path leads out of the archive by ".."');
  return names;
}

function attributesOf(entry: ReadEntry, owners: boolean): Attributes {
  return {
    mode: (entry.mode ?? 0o755) & 0o7777,
    owner: owners ? { uid: entry.uid ?? 0, gid: entry.gid ?? 0 } : undefined,
    time: entry.mtime ?? new Date(0),
  };
}

function required(target: string | undefined): string {
  if (target === undefined || target === '') throw new Error('it is a link to nothing');
  return target;
}

/** True when it was made here. */
async function prepare(directory: string): Promise<boolean> {
  try {
    if ((await readdir(directory)).length > 0) throw new Error(`${directory} is not empty`);
    return false;
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
    await mkdir(directory, { recursive: true });
    return true;
  }
}

async function empty(directory: string, remove: boolean): Promise<void> {
  if (remove) return rm(directory, { recursive: true, force: true });
  for (const name of await readdir(directory))
    await rm(join(directory, name), { recursive: true, force: true });
}
