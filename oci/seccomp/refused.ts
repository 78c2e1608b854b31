import { words } from './words.ts';

/**
 * System calls that get EPERM rather than ENOSYS whatever the capabilities: programs that probe for them understand
 * this answer, and none has an older call to fall back on. Those that are in no list at all get ENOSYS, so that a C
 * library that is newer than this profile falls back on older calls.
 */
export const refusedAlways = words(`
  add_key bdflush io_pgetevents kexec_file_load kexec_load keyctl migrate_pages move_pages nfsservctl nice oldfstat
  oldlstat oldolduname oldstat olduname pciconfig_iobase pciconfig_read pciconfig_write request_key sgetmask ssetmask
  swapcontext swapoff swapon sysfs uselib userfaultfd ustat vm86 vm86old vmsplice
`);
