import { readFileSync, readlinkSync } from 'node:fs';
import { isErrno } from '../system-error.ts';

/** Of this start of the machine: since then its clocks go on. */
export const bootId = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();

/**
 * Whether a process has the clocks of this one, not those of a time namespace of its own (time_namespaces(7)). True where
 * the kernel has no such thing, and of a process that has gone.
 */
export function hasOurClocks(pid: number): boolean {
  return timeNamespaceOf(pid) === timeNamespaceOf('self');
}

/** Undefined where there is none. @throws SystemError */
export function timeNamespaceOf(pid: number | 'self'): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/time`);
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ESRCH')) return pid === 'self' ? undefined : timeNamespaceOf('self');
    throw error;
  }
}
