/** Namespaces and mounts. This process's own namespaces are never changed. All functions throw (or reject with) a {@link SystemError}. */
import { binding } from './binding.ts';

/**
 * Makes a network namespace with its loopback interface up and pins it by a bind mount on `file` (made when it does
 * not exist). It is made on a thread that ends afterwards. Undo: {@link unmount}, then remove the file. When it
 * rejects nothing is mounted; a file that it made is removed.
 */
export function makeNetworkNamespace(file: string): Promise<void> {
  return binding().makeNetworkNamespace(file);
}

const MS_RDONLY = 1;
const MS_REMOUNT = 32;
const MS_BIND = 4096;
const MS_REC = 16384;
const MNT_DETACH = 2;
const UMOUNT_NOFOLLOW = 8;

/** Shows `source` (a file or directory, or e.g. /proc/7/ns/ipc) at the existing `target`, too. */
export function bindMount(
  source: string,
  target: string,
  options: { readonly readonly?: boolean; readonly recursive?: boolean } = {},
): void {
  const flags = MS_BIND | (options.recursive === true ? MS_REC : 0);
  binding().mount(source, target, '', flags, '');
  if (options.readonly !== true) return;
  try {
    binding().mount('', target, '', MS_BIND | MS_REMOUNT | MS_RDONLY, '');
  } catch (error) {
    // Half of it is not what was asked for.
    unmount(target);
    throw error;
  }
}

/** mount(2) with the kernel's own flags; `data` is the file system's options, e.g. `lowerdir=…`. */
export function mount(source: string, target: string, type: string, flags = 0, data = ''): void {
  binding().mount(source, target, type, flags, data);
}

/** Detaches the topmost mount at `target` now; it is gone when its last user is. Follows no symbolic link. EINVAL: not a mount point. */
export function unmount(target: string): void {
  binding().unmount(target, MNT_DETACH | UMOUNT_NOFOLLOW);
}
