import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { OverlayKind } from '../../platform.ts';
import { unmountAll } from '../namespaces/mounts.ts';
import { overlayFailure } from './failure.ts';
import { mountLayer } from './mount.ts';

/** File systems of which it is known that layers can lie there. */
const known = new Set<string>();

/**
 * Makes sure, once for each file system, that layers can lie in a directory: also where the kernel mounts them, what
 * was removed may come back, for want of extended attributes. Nothing is left. @throws RunstateError OVERLAY
 */
export function requireOverlay(directory: string, kind: OverlayKind): void {
  // Every tmpfs is as the other.
  const key = kind === 'memory' ? kind : `device ${statSync(directory).dev}`;
  if (known.has(key)) return;
  try {
    tryOverlay(directory);
  } catch (error) {
    throw overlayFailure(directory, kind, error);
  }
  known.add(key);
}

/**
 * Replaces a directory of the lower layer, and looks whether that is still so in a second mount of the same upper
 * directory, as after a restore. @throws SystemError, Error
 */
export function tryOverlay(directory: string): void {
  const place = join(directory, 'try');
  const [lower = '', upper = '', work = '', shown = ''] = ['lower', 'upper', 'work', 'shown'].map((name) =>
    join(place, name),
  );
  try {
    for (const path of [join(lower, 'replaced'), upper, work, shown]) mkdirSync(path, { recursive: true });
    writeFileSync(join(lower, 'replaced', 'old'), '');
    mounted(lower, { upper, work }, shown, () => {
      rmSync(join(shown, 'replaced'), { recursive: true });
      mkdirSync(join(shown, 'replaced'));
    });
    mounted(lower, { upper, work }, shown, () => {
      if (existsSync(join(shown, 'replaced', 'old')))
        throw new Error('it keeps no extended attributes, so that what was removed comes back');
    });
  } finally {
    unmountAll(shown);
    rmSync(place, { recursive: true, force: true });
  }
}

function mounted(
  lower: string,
  layer: { readonly upper: string; readonly work: string },
  target: string,
  use: () => void,
): void {
  const fd = openSync(lower, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    mountLayer(fd, layer, target);
  } finally {
    closeSync(fd);
  }
  try {
    use();
  } finally {
    unmountAll(target);
  }
}
