import type { Call } from '../call.ts';
import type { SandboxSystem } from '../sandbox/sandbox-system.ts';

/**
 * Stops all processes of all containers at one instant, after execs and changes under way have come to their end.
 * @throws RunstateError WRONG_STATE, CANCELLED, DEADLINE, and the platform's own; then it is running again
 */
export async function pauseSandbox(system: SandboxSystem, call: Call): Promise<void> {
  await system.port.ask((id) => ({ type: 'pause', id }), call);
}

/**
 * Lets a paused sandbox go on; a container that was also paused alone stays so.
 * @throws RunstateError WRONG_STATE, CANCELLED, DEADLINE, and the platform's own; then it stays paused
 */
export async function resumeSandbox(system: SandboxSystem, call: Call): Promise<void> {
  await system.port.ask((id) => ({ type: 'resume', id }), call);
}
