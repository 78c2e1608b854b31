import { fileURLToPath } from 'node:url';

/** The small root file system that the set-up makes, in the package's build directory. */
export const builtRootfs = fileURLToPath(new URL('../../build/rootfs', import.meta.url));
