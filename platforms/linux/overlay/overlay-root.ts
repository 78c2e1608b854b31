import { closeSync, constants, existsSync, mkdirSync, openSync } from 'node:fs';
import type { ChosenOverlay } from './choose.ts';
import { layerOf, likeLower, makeLayer } from './layer.ts';
import { mountOverlay } from './mount.ts';

/**
 * Shows a root file system with the container's layer above it at `target`, which is made. The root is a path, or an
 * open directory of the caller's with its path for errors. What is mounted below it is not seen.
 * @throws RunstateError OVERLAY; SystemError. What a failure leaves is removeLayer's to remove
 */
export function overlayRoot(
  containerDirectory: string,
  root: { readonly path: string; readonly fd?: number | undefined },
  chosen: ChosenOverlay,
  target: string,
): void {
  const opened =
    root.fd === undefined ? openSync(root.path, constants.O_RDONLY | constants.O_DIRECTORY) : undefined;
  try {
    const lower = root.fd ?? opened ?? -1;
    const isFilled = existsSync(layerOf(containerDirectory).upper);
    const layer = makeLayer(containerDirectory, chosen);
    // One that a restore has filled brings the attributes that its root had.
    if (!isFilled) likeLower(layer, lower);
    mkdirSync(target);
    mountOverlay(lower, root.path, layer, target);
  } finally {
    if (opened !== undefined) closeSync(opened);
  }
}
