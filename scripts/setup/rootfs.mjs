// A small root file system, for the tour, the tests and `runstate run` without an image: build/rootfs.
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { findStaticBusybox } from './packages.mjs';
import { fingerprint, readIfThere, writeStamp } from './stamp.mjs';

export const rootfs = {
  name: 'root file system',
  pending(root) {
    const busybox = findStaticBusybox(root);
    // Said by the packages step already.
    if (busybox === undefined) return undefined;
    return readIfThere(stampOf(root)) === wanted(root, busybox) ? undefined : 'making build/rootfs';
  },
  async perform(root) {
    const busybox = findStaticBusybox(root);
    const stamp = wanted(root, busybox);
    const { makeBusyboxRootfs } = await import(pathToFileURL(makerOf(root)).href);
    rmSync(stampOf(root), { force: true });
    rmSync(join(root, 'build', 'rootfs'), { recursive: true, force: true });
    await makeBusyboxRootfs(join(root, 'build', 'rootfs'), { busybox });
    writeStamp(stampOf(root), stamp);
  },
};

const stampOf = (root) => join(root, 'build', 'setup', 'rootfs.stamp');
const makerOf = (root) => join(root, 'dist', 'oci', 'rootfs', 'busybox.js');

function wanted(root, busybox) {
  const { mtimeMs, size } = statSync(busybox);
  return fingerprint(busybox, `${mtimeMs} ${size}`, readIfThere(makerOf(root)) ?? '');
}
