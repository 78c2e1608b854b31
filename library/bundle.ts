import { mkdir, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { sandboxFiles } from '../actors/run-directory/index.ts';
import { nanoid } from 'nanoid';
import { RunstateError, messageOf } from '../errors/index.ts';
import { stringifyExact } from '../oci/index.ts';
import { extractTar } from '../oci/rootfs/extract-tar.ts';
import type { ContainerSpec } from '../oci/types.ts';

/** Where the bundles of a container, and of others that had its id before, are made. */
const bundlesOf = (root: string, sandbox: string, cid: string): string =>
  join(sandboxFiles(root, sandbox).directory, 'bundles', cid);

/** A new directory for a bundle, which goes with its sandbox. The id may be another container's, whose bundle is not touched. */
export async function makeBundle(root: string, sandbox: string, cid: string): Promise<string> {
  const directory = join(bundlesOf(root, sandbox, cid), nanoid());
  await mkdir(directory, { recursive: true, mode: 0o700 });
  return directory;
}

/** Removes a container's bundle if it was made by {@link makeBundle}: any other is its user's. */
export async function removeOwnBundle(
  root: string,
  sandbox: string,
  { id, bundle }: { readonly id: string; readonly bundle: string },
): Promise<void> {
  if (dirname(bundle) === bundlesOf(root, sandbox, id)) await removeBundle(bundle);
}

/** Writes the bundle's config.json. */
export async function writeConfig(bundle: string, spec: ContainerSpec): Promise<void> {
  await writeFile(join(bundle, 'config.json'), stringifyExact(spec));
}

/** With the directory of its container's bundles, when it was the last of them. */
export async function removeBundle(bundle: string): Promise<void> {
  await rm(bundle, { recursive: true, force: true });
  try {
    await rmdir(dirname(bundle));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'ENOTEMPTY' && code !== 'ENOENT') throw error;
  }
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
