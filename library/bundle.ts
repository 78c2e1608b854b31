import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { sandboxFiles } from '../actors/run-directory/index.ts';
import { RunstateError, messageOf } from '../errors/index.ts';
import { stringifyExact } from '../oci/index.ts';
import { extractTar } from '../oci/rootfs/extract-tar.ts';
import type { ContainerSpec } from '../oci/types.ts';

/** The directory of a bundle that goes with its sandbox. */
export async function makeBundle(root: string, sandbox: string, cid: string): Promise<string> {
  const directory = join(sandboxFiles(root, sandbox).directory, 'bundles', cid);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  return directory;
}

/** Writes the bundle's config.json. */
export async function writeConfig(bundle: string, spec: ContainerSpec): Promise<void> {
  await writeFile(join(bundle, 'config.json'), stringifyExact(spec));
}

export async function removeBundle(bundle: string): Promise<void> {
  await rm(bundle, { recursive: true, force: true });
}

export interface RootFileSystem {
  /** Absolute. */
  readonly path: string;
  /** It is the bundle's own, and goes with it. */
  readonly isOwn: boolean;
}

/**
 * A directory as it is, or a tar file (also compressed by gzip) extracted into the bundle.
 * @throws RunstateError BUNDLE
 */
export async function rootFileSystem(
  source: string,
  bundle: string,
  signal: AbortSignal | undefined,
): Promise<RootFileSystem> {
  const path = resolve(source);
  try {
    if ((await stat(path)).isDirectory()) return { path, isOwn: false };
    const own = join(bundle, 'rootfs');
    await extractTar(path, own, signal === undefined ? {} : { signal });
    return { path: own, isOwn: true };
  } catch (error) {
    if (error instanceof RunstateError) throw error;
    throw new RunstateError('BUNDLE', { bundle: path, why: messageOf(error) }, { cause: error });
  }
}
