import { createReadStream, mkdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import type { ContainerSpec } from '../../../oci/types.ts';
import type { SavedContainer } from '../../checkpoint.ts';
import { loadUpper, saveUpper } from '../overlay/index.ts';
import { systemFailure } from '../system-error.ts';

/** Where the archive of a sandbox's own root file system lies in the directory of a checkpoint. */
const archiveOf = (directory: string, index: number): string => join(directory, 'roots', `${index}.tar`);

/**
 * The root file systems that go with their sandbox, as they lie in its run directory (extracted from a tar archive), by
 * their paths, each once: several containers may have the same.
 * @param platformDirectory the platform's own of the sandbox, in the sandbox's
 */
export function ownRootsAmong(
  containers: readonly SavedContainer[],
  platformDirectory: string,
): readonly string[] {
  const sandboxDirectory = dirname(platformDirectory) + sep;
  const paths = containers.flatMap(({ spec }) => (spec.root === undefined ? [] : [spec.root.path]));
  return [...new Set(paths)].filter((path) => path.startsWith(sandboxDirectory));
}

/** Saves them, while nothing writes to them. @throws RunstateError FILES_FAILED, SYSTEM; the reason of `signal` */
export async function saveRoots(
  roots: readonly string[],
  directory: string,
  signal: AbortSignal,
): Promise<void> {
  for (const [index, root] of roots.entries()) {
    const archive = archiveOf(directory, index);
    try {
      await mkdir(dirname(archive), { recursive: true, mode: 0o700 });
      await writeFile(archive, saveUpper(root, signal), { mode: 0o600 });
    } catch (error) {
      throw signal.aborted ? error : systemFailure('save', root, error);
    }
  }
}

/**
 * Makes them again in another sandbox, with which they go. Gives where each is now, by where it was.
 * @throws as {@link saveRoots}; what is there then goes with the sandbox, too
 */
export async function loadRoots(
  roots: readonly string[],
  directory: string,
  platformDirectory: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const places = new Map<string, string>();
  for (const [index, root] of roots.entries()) {
    const place = join(platformDirectory, 'roots', String(index));
    const source = createReadStream(archiveOf(directory, index));
    try {
      // May be passed through, as the directory of a bundle may.
      mkdirSync(place, { recursive: true, mode: 0o711 });
      await loadUpper(source, place, signal);
    } catch (error) {
      throw signal.aborted ? error : systemFailure('load', root, error);
    } finally {
      source.destroy();
    }
    places.set(root, place);
  }
  return places;
}

/** The spec with its root where that is now. */
export function withPlace(spec: ContainerSpec, places: ReadonlyMap<string, string>): ContainerSpec {
  const place = spec.root === undefined ? undefined : places.get(spec.root.path);
  return place === undefined ? spec : { ...spec, root: { ...spec.root, path: place } };
}
