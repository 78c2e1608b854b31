import { mkdir, open, readdir, rm } from 'node:fs/promises';
import { dirname, join, normalize, isAbsolute } from 'node:path';
import { RunstateError } from '../errors/index.ts';
import type { StatefileHeader } from './header.ts';
import { StatefileReader, type ReaderOptions } from './reader.ts';

export interface StageOptions extends Omit<ReaderOptions, 'withoutKey'> {
  readonly onProgress?: (progress: { readonly phase: string; readonly bytes: number }) => void;
}

/**
 * Extracts a statefile's entries as files into an existing, empty directory. When it resolves all of it is verified;
 * when it rejects, the directory is empty.
 * @throws RunstateError as StatefileReader; STATEFILE_ARCHITECTURE
 */
export async function stageStatefile(
  fd: number,
  directory: string,
  options: StageOptions,
): Promise<{ readonly header: StatefileHeader }> {
  await using reader = await StatefileReader.open(fd, options);
  const { header } = reader;
  if (header.architecture !== process.arch)
    throw new RunstateError('STATEFILE_ARCHITECTURE', { saved: header.architecture, here: process.arch });
  try {
    let bytes = 0;
    for await (const { name, content } of reader.entries()) {
      await extract(checkedName(name), directory, content, (more) => {
        bytes += more;
        options.onProgress?.({ phase: 'read', bytes });
      });
    }
    await reader.verify();
    return { header };
  } catch (error) {
    for (const name of await readdir(directory))
      await rm(join(directory, name), { recursive: true, force: true });
    throw error;
  }
}

async function extract(
  name: string,
  directory: string,
  content: AsyncIterable<Uint8Array>,
  told: (bytes: number) => void,
): Promise<void> {
  const path = join(directory, name);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  // One name given twice is refused: two readers could take different ones.
  await using file = await open(path, 'wx', 0o600);
  for await (const piece of content) {
    await file.writeFile(piece);
    told(piece.length);
  }
}

/** Stays below the directory. */
function checkedName(name: string): string {
  if (name !== normalize(name) || isAbsolute(name) || name.startsWith('..') || name.includes('\0'))
    throw new RunstateError('STATEFILE_DAMAGED', {
      where: `an entry may not be called ${JSON.stringify(name)}`,
    });
  return name;
}
