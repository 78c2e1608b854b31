export { linuxPlatform, type LinuxPlatformOptions } from './linux-platform.ts';
