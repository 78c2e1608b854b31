import type { Capabilities, User } from '../types.ts';

/**
 * What root in a container may do: the list that Podman ships (containers.conf, default_capabilities, containers-common
 * 0.50). Docker's has three more: AUDIT_WRITE, MKNOD, NET_RAW. All of them work only on what the container's own
 * namespaces and files hold.
 */
export const defaultCapabilities: readonly string[] = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_NET_BIND_SERVICE',
  'CAP_SETFCAP',
  'CAP_SETGID',
  'CAP_SETPCAP',
  'CAP_SETUID',
  'CAP_SYS_CHROOT',
];

/**
 * The sets of a container's first process. Another user than root has none, as with the engines. Nothing is inheritable:
 * that would hand capabilities to programs marked for it (CVE-2022-24769).
 */
export function capabilitySets(user: User): Capabilities {
  const held = user.uid === 0 ? defaultCapabilities : [];
  return { bounding: defaultCapabilities, effective: held, permitted: held, inheritable: [], ambient: [] };
}
