export { destroyLeftovers, type LeftoverOptions } from './leftovers.ts';
export { linuxPlatform, type LinuxPlatformOptions } from './linux-platform.ts';
