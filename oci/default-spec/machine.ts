import { existsSync } from 'node:fs';

/** What of this machine a default spec depends on. */
export interface MachineTraits {
  /** As Node names it: `x64`, `arm64`. */
  readonly arch: string;
  /** The kernel has cgroup namespaces. */
  readonly cgroupNamespace: boolean;
  /** The kernel can limit swap; an OCI runtime fails on a limit that it cannot set. */
  readonly swapLimit: boolean;
}

/** Looks at the machine that this runs on: a few files, no program. */
export function machineTraits(): MachineTraits {
  const unified = existsSync('/sys/fs/cgroup/cgroup.controllers');
  return {
    arch: process.arch,
    cgroupNamespace: existsSync('/proc/self/ns/cgroup'),
    // On cgroup v2 a runtime passes over "no swap" where the kernel has no such file.
    swapLimit: unified || existsSync('/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes'),
  };
}
