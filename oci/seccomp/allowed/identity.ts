import { words } from '../words.ts';

/** Who a process is, and what it gives up. The kernel lets it become only what its capabilities allow. */
export const identity = words(`
  capget capset getegid getegid32 geteuid geteuid32 getgid getgid32 getgroups getgroups32 getresgid
  getresgid32 getresuid getresuid32 getuid getuid32 landlock_add_rule landlock_create_ruleset
  landlock_restrict_self seccomp setfsgid setfsgid32 setfsuid setfsuid32 setgid setgid32 setgroups
  setgroups32 setregid setregid32 setresgid setresgid32 setresuid setresuid32 setreuid setreuid32 setuid
  setuid32
`);
