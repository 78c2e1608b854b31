export { sandboxHandlers, serveSandboxes, serveSupervisor } from './serve.ts';
