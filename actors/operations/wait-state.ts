import { RunstateError } from '../../errors/index.ts';
import type { Call } from '../call.ts';
import { until } from '../port/until.ts';
import type { SandboxSystem } from '../sandbox/sandbox-system.ts';

/**
 * Resolves when the next checkpoint of the sandbox is done, also one under way.
 * @throws RunstateError what that checkpoint fails with; ACTOR_GONE when the sandbox is destroyed before; CANCELLED
 */
export function waitCheckpoint(system: SandboxSystem, { signal }: Call): Promise<void> {
  return system.checkpoints.wait(signal);
}

/**
 * Resolves when no restore is under way, so at once where none was asked for.
 * @throws RunstateError RESTORE_FAILED when the sandbox has gone by it; CANCELLED
 */
export async function waitRestore(system: SandboxSystem, { signal }: Call): Promise<void> {
  const { port } = system;
  if (port.state !== 'restoring') return;
  await until(port, (state) => state !== 'restoring', signal);
  if (!port.hasTag('ended')) return;
  throw new RunstateError('RESTORE_FAILED', { phase: 'restore', cause: 'the sandbox has gone', lines: '' });
}
