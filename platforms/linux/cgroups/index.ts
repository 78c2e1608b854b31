export { detectLayout, parseLayout, type CgroupLayout } from './layout.ts';
export type { OomWatch } from './oom.ts';
export { SandboxCgroups } from './sandbox-cgroups.ts';
