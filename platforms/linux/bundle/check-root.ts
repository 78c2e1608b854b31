import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { RunstateError } from '../../../errors/index.ts';

/**
 * Refuses a root file system whose /dev is a link. Runtimes make links in it (`fd`, `stdin`, `ptmx`, …) by its path
 * from outside, before they enter the root (setupDevSymlinks of runc 1.1's rootfs_linux.go): they would come to lie
 * where that leads on the host, and the image may be nobody's that one trusts.
 * @throws RunstateError BUNDLE
 */
export function checkRoot(bundle: string, root: string): void {
  const dev = join(root, 'dev');
  if (lstatSync(dev, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return;
  throw new RunstateError('BUNDLE', { bundle, why: `dev in its root file system ${root} is a link` });
}
