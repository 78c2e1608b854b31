import type { SeccompRule } from '../types.ts';

const errno = { EPERM: 1, EINVAL: 22, EAFNOSUPPORT: 97 } as const;

const allow = 'SCMP_ACT_ALLOW';
const refuse = 'SCMP_ACT_ERRNO';
const equal = 'SCMP_CMP_EQ';

/** personality(2): Linux, 32-bit Linux, both also with UNAME26; and the question which it is. */
const personalities = [0, 8, 0x20000, 0x20008, 0xffff_ffff];

export const personality: readonly SeccompRule[] = personalities.map((value) => ({
  names: ['personality'],
  action: allow,
  args: [{ index: 0, value, op: equal }],
}));

/** clone(2)'s CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET. */
const namespaceFlags = 0x7e02_0000;

/** `clone` when it makes no namespace. `clone3` keeps its flags in memory, where a filter cannot look: it gets ENOSYS. */
export const cloneWithoutNamespaces: readonly SeccompRule[] = [
  {
    names: ['clone'],
    action: allow,
    args: [{ index: 0, value: namespaceFlags, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }],
  },
];

const AF_NETLINK = 16;
const AF_VSOCK = 40;
/** The highest family that Linux has: AF_MCTP. */
const lastFamily = 45;
const NETLINK_AUDIT = 9;

/**
 * `socket` by its family. Not AF_VSOCK: it reaches a hypervisor's host past every network namespace. Not netlink's audit
 * protocol unless CAP_AUDIT_WRITE is held: login programs take EINVAL for "no audit here" and go on, but fail on EPERM.
 * Families are compared one by one for equality: libseccomp compares all 64 bits where the kernel looks at 32, so
 * "not 40" would let 40 with a high bit set pass.
 */
export function socketRules(mayAudit: boolean): readonly SeccompRule[] {
  const families = Array.from({ length: lastFamily + 1 }, (_, family) => family);
  const plain = families.filter((family) => family !== AF_VSOCK && (mayAudit || family !== AF_NETLINK));
  const family = (value: number) => ({ index: 0, value, op: equal });
  const rules: SeccompRule[] = plain.map((value) => ({
    names: ['socket'],
    action: allow,
    args: [family(value)],
  }));
  rules.push({ names: ['socket'], action: refuse, errnoRet: errno.EAFNOSUPPORT, args: [family(AF_VSOCK)] });
  if (mayAudit) return rules;
  const protocol = (op: string) => ({ index: 2, value: NETLINK_AUDIT, op });
  return [
    ...rules,
    { names: ['socket'], action: allow, args: [family(AF_NETLINK), protocol('SCMP_CMP_NE')] },
    {
      names: ['socket'],
      action: refuse,
      errnoRet: errno.EINVAL,
      args: [family(AF_NETLINK), protocol(equal)],
    },
  ];
}

/** All of these names refused with EPERM. */
export function refused(names: readonly string[]): SeccompRule {
  return { names, action: refuse, errnoRet: errno.EPERM };
}

/** All of these names allowed with any arguments. */
export function allowed(names: readonly string[]): SeccompRule {
  return { names, action: allow };
}
