import { RunstateError } from '../../errors/index.ts';
import type { ExitStatus } from '../../platforms/exit-status.ts';
import type { Call } from '../call.ts';
import type { SandboxSystem } from '../sandbox/sandbox-system.ts';

/**
 * Resolves with how a process of a container ended. The status of one that an exec started is handed out once;
 * any other is found by its pid in the container's own numbering while it lives.
 * @throws RunstateError CONTAINER_NOT_FOUND, PROCESS_NOT_STARTED, PROCESS_NOT_FOUND, CANCELLED, ACTOR_GONE
 */
export async function waitProcess(
  system: SandboxSystem,
  cid: string,
  pid: number,
  call: Call,
): Promise<ExitStatus> {
  const { port, processes } = system.container(cid);
  if (processes.has(pid)) return processes.wait(pid, call);
  if (port.hasTag('unstarted')) throw new RunstateError('PROCESS_NOT_STARTED', { pid, cid });
  if (port.hasTag('ended')) throw new RunstateError('PROCESS_NOT_FOUND', { pid, cid });
  return system.platform.waitProcess(cid, pid, call.signal);
}
