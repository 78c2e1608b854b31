export { overlayOf, sandboxOf, type OverlayWish, type SandboxMembership } from './annotations.ts';
export { readBundle, type Bundle } from './bundle.ts';
export {
  allCapabilities,
  canonicalCapability,
  capabilityMask,
  capabilityNames,
  capabilityNumber,
} from './capabilities.ts';
export {
  defaultCapabilities,
  defaultHostname,
  defaultSpec,
  machineTraits,
  parseSize,
  type DefaultSpecOptions,
  type MachineTraits,
} from './default-spec/index.ts';
export { JsonSyntaxError, parseExact, stringifyExact } from './exact-json.ts';
export { checkId, newId } from './id.ts';
export { makeBusyboxRootfs, type BusyboxRootfsOptions } from './rootfs/busybox.ts';
export { extractTar, type Extracted, type ExtractOptions } from './rootfs/extract-tar.ts';
export { openInRoot } from './rootfs/open-in-root.ts';
export { readInRoot } from './rootfs/read-in-root.ts';
export { seccompProfile, type SeccompOptions } from './seccomp/profile.ts';
export { signalName, signalNumber } from './signals.ts';
export { resolveUser, type ResolvedUser } from './user.ts';
export { parseProcess, parseSpec } from './validate.ts';
export type * from './types.ts';
