import type { Seccomp } from '../types.ts';
import { allowedAlways } from './allowed/index.ts';
import { seccompArchitecture } from './architecture.ts';
import { allowed, cloneWithoutNamespaces, personality, refused, socketRules } from './by-argument.ts';
import { byCapability } from './by-capability.ts';
import { refusedAlways } from './refused.ts';

export interface SeccompOptions {
  /** As Node names it: `x64`, `arm64`. */
  readonly arch: string;
  /** The container's bounding set: what it can never have needs no system calls. */
  readonly capabilities: readonly string[];
}

const ENOSYS = 38;

/**
 * The system calls that a container may make: the set that Podman (containers-common 0.50) and Docker allow by default,
 * and where they differ the smaller. The form is that of the runtime specification (config-linux.md, Seccomp).
 * @throws RunstateError NOT_SUPPORTED on an architecture that it was not written for
 */
export function seccompProfile({ arch, capabilities }: SeccompOptions): Seccomp {
  const machine = seccompArchitecture(arch);
  const held = new Set(capabilities);
  const entries = Object.entries(byCapability);
  const granted = new Set(entries.flatMap(([capability, calls]) => (held.has(capability) ? calls : [])));
  const withheld = new Set(entries.flatMap(([, calls]) => calls.filter((call) => !granted.has(call))));
  const anyClone = held.has('CAP_SYS_ADMIN');
  return {
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: ENOSYS,
    architectures: machine.names,
    syscalls: [
      allowed([...allowedAlways, ...machine.calls, ...granted, ...(anyClone ? ['clone', 'clone3'] : [])]),
      ...(anyClone ? [] : cloneWithoutNamespaces),
      ...personality,
      ...socketRules(held.has('CAP_AUDIT_WRITE')),
      refused([...refusedAlways, ...withheld]),
    ],
  };
}
