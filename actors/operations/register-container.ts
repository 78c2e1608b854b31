import type { SandboxSystem } from '../sandbox/sandbox-system.ts';

/**
 * Takes the id of a sub-container that is to be created and started later, as the original's `Create` does.
 * @param correlation of the request
 * @throws RunstateError CONTAINER_EXISTS; WRONG_STATE when the sandbox admits no more containers
 */
export function registerContainer(system: SandboxSystem, cid: string, correlation?: string): void {
  const refused = system.port.refusal({ type: 'container.create', id: '' });
  if (refused !== undefined) throw refused;
  system.register(cid, correlation, true);
}
