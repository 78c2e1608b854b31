/** Layers above a root of the test's own, mounted and not. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import type { ExecutionContext } from 'ava';
import { unmountBelow } from '../../../../platforms/linux/namespaces/mounts.ts';
import {
  layerOf,
  loadUpper,
  makeLayer,
  overlayRoot,
  saveUpper,
} from '../../../../platforms/linux/overlay/index.ts';
import { soon } from './sandbox.ts';

export const mib = 2 ** 20;
export const kinds = ['memory', 'disk'] as const;
type Kind = (typeof kinds)[number];

export interface Place {
  readonly directory: string;
  readonly root: string;
  /** Mounts the layer of that name above the root, and gives where. */
  readonly show: (name: string, kind?: Kind) => string;
  readonly upper: (name: string) => string;
  /** An empty layer that is not mounted. */
  readonly fresh: (name: string, kind?: Kind) => string;
  readonly hide: () => void;
}

export function place(t: ExecutionContext): Place {
  const directory = mkdtempSync(join(tmpdir(), 'rs-layers-'));
  t.teardown(() => {
    unmountBelow(directory);
    rmSync(directory, { recursive: true, force: true });
  });
  const root = join(directory, 'ro:ot');
  mkdirSync(root);
  const of = (name: string): string => join(directory, 'bundles', name);
  return {
    directory,
    root,
    upper: (name) => layerOf(of(name)).upper,
    fresh: (name, kind = 'disk') => makeLayer(of(name), { kind, size: 256 * mib }).upper,
    show: (name, kind = 'disk') => {
      mkdirSync(of(name), { recursive: true });
      const target = join(of(name), 'rootfs');
      // Shown before, and hidden meanwhile.
      if (existsSync(target)) rmdirSync(target);
      overlayRoot(of(name), { path: root }, { kind, size: 256 * mib }, target);
      return target;
    },
    hide: () => unmountBelow(join(directory, 'bundles')),
  };
}

export function sh(directory: string, script: string): string {
  const { status, stdout, stderr } = spawnSync('sh', ['-ec', script], { cwd: directory, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

/** Saves an upper directory into another; gives how many bytes the archive had. */
export async function copy(t: ExecutionContext, from: string, to: string): Promise<number> {
  let bytes = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of saveUpper(from, soon())) {
      bytes += chunk.length;
      yield chunk;
    }
  }
  await loadUpper(counted(), to, soon());
  t.true(bytes > 0);
  return bytes;
}
