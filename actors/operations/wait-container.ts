import { isStatus, type ExitStatus } from '../../platforms/exit-status.ts';
import type { Call } from '../call.ts';
import type { SandboxSystem } from '../sandbox/sandbox-system.ts';

/**
 * Resolves with how the container's init ended: when it does, or at once when it has. As often as asked.
 * @throws RunstateError CONTAINER_NOT_FOUND, CONTAINER_NOT_STARTED, CANCELLED; ACTOR_GONE when the container is
 *   destroyed before an end was seen
 */
export async function waitContainer(system: SandboxSystem, cid: string, call: Call): Promise<ExitStatus> {
  const { port } = system.container(cid);
  const status = await port.ask((id) => ({ type: 'wait', id }), call);
  return isStatus(status) ? status : { kind: 'unknown', why: 'the supervisor kept none' };
}
