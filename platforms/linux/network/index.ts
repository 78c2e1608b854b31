export { SandboxNetwork } from './sandbox-network.ts';
