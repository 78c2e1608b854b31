/** What runstate-init calls beyond what every program has to, on x86-64 and arm64 by the C library that it is built with. */
const needed = [
  'clone',
  'wait4',
  'kill',
  'setsid',
  'ioctl',
  'rt_sigaction',
  'rt_sigprocmask',
  'rt_sigtimedwait',
  'prctl',
  'fcntl',
  'sendmsg',
  'execve',
];

const permitting = ['SCMP_ACT_ALLOW', 'SCMP_ACT_LOG', 'SCMP_ACT_TRACE'];

/**
 * True when a seccomp profile (config-linux.md, Seccomp) lets runstate-init work: none, or one that permits its calls. A
 * rule for some arguments only is taken to be about others than it uses.
 */
export function letsInitRun(profile: unknown): boolean {
  if (typeof profile !== 'object' || profile === null) return true;
  const rules: readonly unknown[] =
    'syscalls' in profile && Array.isArray(profile.syscalls) ? profile.syscalls : [];
  const usual = 'defaultAction' in profile && isPermitting(profile.defaultAction);
  const named = rules.flatMap(readRule).filter((rule) => rule.permits !== usual);
  return needed.every((call) =>
    usual
      ? !named.some(({ names, isPartial }) => !isPartial && names.includes(call))
      : named.some(({ names }) => names.includes(call)),
  );
}

const isPermitting = (action: unknown): boolean => typeof action === 'string' && permitting.includes(action);

interface Rule {
  readonly names: readonly unknown[];
  readonly permits: boolean;
  /** For some arguments only. */
  readonly isPartial: boolean;
}

function readRule(rule: unknown): Rule[] {
  if (typeof rule !== 'object' || rule === null) return [];
  const names: readonly unknown[] = 'names' in rule && Array.isArray(rule.names) ? rule.names : [];
  const isPartial = 'args' in rule && Array.isArray(rule.args) && rule.args.length > 0;
  return [{ names, permits: 'action' in rule && isPermitting(rule.action), isPartial }];
}
