import { fileURLToPath } from 'node:url';

/** The busybox root file system that the set-up makes. */
export const busyboxRoot = (): string => fileURLToPath(new URL('../../build/rootfs', import.meta.url));
