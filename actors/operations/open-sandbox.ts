import type { Call } from '../call.ts';
import type { SandboxSystem } from '../sandbox/sandbox-system.ts';

/**
 * Makes what the sandbox's containers will share; then its root container may be created.
 * @throws RunstateError WRONG_STATE, CANCELLED, DEADLINE, and the platform's own; then it must be destroyed
 */
export async function openSandbox(system: SandboxSystem, call: Call): Promise<void> {
  await system.port.ask((id) => ({ type: 'open', id }), call);
}
