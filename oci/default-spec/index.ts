export { defaultCapabilities } from './capabilities.ts';
export { defaultHostname, defaultSpec } from './default-spec.ts';
export { machineTraits, type MachineTraits } from './machine.ts';
export type { DefaultSpecOptions } from './options.ts';
export { parseSize } from './size.ts';
