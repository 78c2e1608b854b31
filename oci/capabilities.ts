/** Linux capabilities by number, as linux/capability.h gives them; see capabilities(7). */
const names = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_DAC_READ_SEARCH',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SETPCAP',
  'CAP_LINUX_IMMUTABLE',
  'CAP_NET_BIND_SERVICE',
  'CAP_NET_BROADCAST',
  'CAP_NET_ADMIN',
  'CAP_NET_RAW',
  'CAP_IPC_LOCK',
  'CAP_IPC_OWNER',
  'CAP_SYS_MODULE',
  'CAP_SYS_RAWIO',
  'CAP_SYS_CHROOT',
  'CAP_SYS_PTRACE',
  'CAP_SYS_PACCT',
  'CAP_SYS_ADMIN',
  'CAP_SYS_BOOT',
  'CAP_SYS_NICE',
  'CAP_SYS_RESOURCE',
  'CAP_SYS_TIME',
  'CAP_SYS_TTY_CONFIG',
  'CAP_MKNOD',
  'CAP_LEASE',
  'CAP_AUDIT_WRITE',
  'CAP_AUDIT_CONTROL',
  'CAP_SETFCAP',
  'CAP_MAC_OVERRIDE',
  'CAP_MAC_ADMIN',
  'CAP_SYSLOG',
  'CAP_WAKE_ALARM',
  'CAP_BLOCK_SUSPEND',
  'CAP_AUDIT_READ',
  'CAP_PERFMON',
  'CAP_BPF',
  'CAP_CHECKPOINT_RESTORE',
] as const;

const numbers = new Map<string, number>(names.map((name, number) => [name, number]));

/** Every capability that there is, by its number. */
export const allCapabilities: readonly string[] = names;

/** The number of a capability given as `CAP_KILL`, `KILL` or in small letters; undefined when there is none of that name. */
export function capabilityNumber(name: string): number | undefined {
  return numbers.get(canonicalCapability(name));
}

/** The form that specs use, `CAP_KILL`, of any spelling. It need not exist. */
export function canonicalCapability(name: string): string {
  const upper = name.toUpperCase();
  return upper.startsWith('CAP_') ? upper : `CAP_${upper}`;
}

/** The capabilities of a mask in which bit n is capability n. Bits without a name are left out: a newer client may set all 64. */
export function capabilityNames(mask: bigint): string[] {
  return names.filter((_, number) => (mask >> BigInt(number)) & 1n);
}

/** The mask of a set of names; the inverse of {@link capabilityNames}. Unknown names throw RangeError: validate first. */
export function capabilityMask(set: readonly string[]): bigint {
  return set.reduce((mask, name) => {
    const number = capabilityNumber(name);
    if (number === undefined) throw new RangeError(`${JSON.stringify(name)} is no capability`);
    return mask | (1n << BigInt(number));
  }, 0n);
}
