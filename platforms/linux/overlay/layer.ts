import { chmodSync, chownSync, existsSync, fstatSync, mkdirSync, utimesSync } from 'node:fs';
import { execFile } from 'node:child_process';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { messageOf } from '../../../errors/index.ts';
import { namespace } from '../../../native/index.ts';
import { mountsBelow, unmountAll, unmountBelow } from '../namespaces/mounts.ts';
import type { ChosenOverlay } from './choose.ts';
import { requireOverlay } from './possible.ts';
import { overlayFailure } from './failure.ts';

/** Where what a container writes to its root file system lies. */
export interface Layer {
  readonly directory: string;
  /** What it has changed, as overlayfs keeps it: this is what a checkpoint saves. */
  readonly upper: string;
  /** The kernel's own. */
  readonly work: string;
}

const MS_PRIVATE = 1 << 18;

/** A sandbox's layers, beside the `bundles` in which its containers' directories are. */
export const layersDirectory = (platformDirectory: string): string => join(platformDirectory, 'layers');

/** @param containerDirectory a container's own, in `bundles` */
export function layerOf(containerDirectory: string): Layer {
  const platformDirectory = dirname(dirname(containerDirectory));
  const directory = join(layersDirectory(platformDirectory), basename(containerDirectory));
  return { directory, upper: join(directory, 'upper'), work: join(directory, 'work') };
}

/**
 * Makes a container's layer: directories on the file system of the run directory, or in a tmpfs of its own. One that is
 * there already is left as it is, so that a restore can fill it before its container is made. What a failure leaves is
 * {@link removeLayer}'s to remove. @throws RunstateError OVERLAY
 */
export function makeLayer(containerDirectory: string, { kind, size }: ChosenOverlay): Layer {
  const layer = layerOf(containerDirectory);
  const { directory, upper, work } = layer;
  if (existsSync(upper)) return layer;
  try {
    // Nobody but root passes: programs there may be set-uid to a user of the host.
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    if (kind === 'memory') mountMemory(directory, size);
    requireOverlay(directory, kind);
    mkdirSync(work, { mode: 0o700 });
    mkdirSync(upper, { mode: 0o755 });
    return layer;
  } catch (error) {
    throw overlayFailure(directory, kind, error);
  }
}

/** The root of what is seen has the attributes of the upper directory: it is made to look like the one it stands for. */
export function likeLower({ upper }: Layer, lower: number): void {
  const { uid, gid, mode, atimeMs, mtimeMs } = fstatSync(lower);
  chownSync(upper, uid, gid);
  chmodSync(upper, mode & 0o7777);
  utimesSync(upper, atimeMs / 1000, mtimeMs / 1000);
}

/** Unmounts and removes a container's layer, which nobody may use any more, and gives what is left. Idempotent. */
export async function removeLayer(containerDirectory: string): Promise<readonly string[]> {
  const { directory } = layerOf(containerDirectory);
  try {
    unmountBelow(directory);
    // What somebody has mounted there meanwhile is not ours to remove.
    const mounts = mountsBelow(directory);
    if (mounts.length > 0) return mounts.map((point) => `mount ${point}`);
    if (existsSync(directory)) await removeTree(directory);
    return [];
  } catch (error) {
    return [`${directory} (${messageOf(error)})`];
  }
}

/** By the system's program: a container can make trees that are deeper than any path is long. */
async function removeTree(directory: string): Promise<void> {
  await promisify(execFile)('rm', ['-rf', '--one-file-system', '--', directory], {
    env: { LC_ALL: 'C', ...path() },
  });
}

const path = (): { readonly PATH?: string } =>
  process.env['PATH'] === undefined ? {} : { PATH: process.env['PATH'] };

/** Bytes of a file's data to an inode: what a tree of small files needs, and a bound for the kernel's memory. */
const bytesPerInode = 2048;
const leastInodes = 4096;

function mountMemory(target: string, size: number | undefined): void {
  const limits =
    size === undefined
      ? 'size=50%'
      : `size=${size},nr_inodes=${Math.max(Math.floor(size / bytesPerInode), leastInodes)}`;
  namespace.mount('runstate', target, 'tmpfs', 0, `${limits},mode=0700`);
  try {
    namespace.mount('', target, '', MS_PRIVATE);
  } catch (error) {
    unmountAll(target);
    throw error;
  }
}
