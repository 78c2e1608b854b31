import type { SeccompRule } from '../types.ts';

const errno = { EPERM: 1, EINVAL: 22, EAFNOSUPPORT: 97 } as const;

const allow = 'SCMP_ACT_ALLOW';
const refuse = 'SCMP_ACT_ERRNO';
const equal = 'SCMP_CMP_EQ';
const masked = 'SCMP_CMP_MASKED_EQ';

/** personality(2): Linux, 32-bit Linux, both also with UNAME26; and the question which it is. */
const personalities = [0, 8, 0x20000, 0x20008, 0xffff_ffff];

export const personality: readonly SeccompRule[] = personalities.map((value) => ({
  names: ['personality'],
  action: allow,
  args: [{ index: 0, value, op: equal }],
}));

/** clone(2)'s CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET. */
const namespaceFlags = [0x2_0000, 0x200_0000, 0x400_0000, 0x800_0000, 0x1000_0000, 0x2000_0000, 0x4000_0000];

/**
 * `clone` when it makes no namespace, else EPERM. `clone3` keeps its flags in memory, where a filter cannot look: it gets
 * ENOSYS, upon which C libraries use `clone`.
 */
export const cloneWithoutNamespaces: readonly SeccompRule[] = [
  {
    names: ['clone'],
    action: allow,
    args: [{ index: 0, value: namespaceFlags.reduce((mask, flag) => mask | flag), valueTwo: 0, op: masked }],
  },
  ...namespaceFlags.map((flag) => ({
    names: ['clone'],
    action: refuse,
    errnoRet: errno.EPERM,
    args: [{ index: 0, value: flag, valueTwo: flag, op: masked }],
  })),
];

const AF_VSOCK = 40;
const NETLINK_AUDIT = 9;

/** Families have six bits; the kernel refuses those that have a higher one set. */
const familyBits = [1, 2, 4, 8, 16, 32];
const familyMask = 63;

/**
 * `socket` by its family and protocol. Not AF_VSOCK: it reaches a hypervisor's host past every network namespace. Not
 * netlink's audit protocol unless CAP_AUDIT_WRITE is held: login programs take EINVAL for "no audit here" and go on, but
 * fail on EPERM; no other family has use for that protocol number without CAP_NET_RAW.
 * "Not 40" is "some bit differs from 40's", a rule for each: libseccomp compares all 64 bits of an argument where the
 * kernel looks at 32, so that a plain comparison would let 40 with a high bit set pass.
 */
export function socketRules(mayAudit: boolean): readonly SeccompRule[] {
  const protocol = (op: string) => ({ index: 2, value: NETLINK_AUDIT, op });
  const notAudit = mayAudit ? [] : [protocol('SCMP_CMP_NE')];
  const family = (mask: number, bits: number) => ({ index: 0, value: mask, valueTwo: bits, op: masked });
  const rules: SeccompRule[] = familyBits.map((bit) => ({
    names: ['socket'],
    action: allow,
    args: [family(bit, ~AF_VSOCK & bit), ...notAudit],
  }));
  const audit: SeccompRule = {
    names: ['socket'],
    action: refuse,
    errnoRet: errno.EINVAL,
    args: [protocol(equal)],
  };
  const vsock: SeccompRule = {
    names: ['socket'],
    action: refuse,
    errnoRet: errno.EAFNOSUPPORT,
    args: [family(familyMask, AF_VSOCK), ...notAudit],
  };
  return mayAudit ? [...rules, vsock] : [...rules, vsock, audit];
}

/** All of these names refused with EPERM. */
export function refused(names: readonly string[]): SeccompRule {
  return { names, action: refuse, errnoRet: errno.EPERM };
}

/** All of these names allowed with any arguments. */
export function allowed(names: readonly string[]): SeccompRule {
  return { names, action: allow };
}
