import type { Call } from '../call.ts';
import type { SandboxSystem } from '../sandbox/sandbox-system.ts';

/**
 * Stops the processes of one container, its execs under way having come to their end.
 * @throws RunstateError CONTAINER_NOT_FOUND, WRONG_STATE, CANCELLED, DEADLINE, and the platform's own
 */
export function pauseContainer(system: SandboxSystem, cid: string, call: Call): Promise<void> {
  return change(system, cid, 'pause', system.deadlines.sandbox.pausing, call);
}

/**
 * Lets a container go on that was paused alone; one that stands still with its sandbox goes on with that.
 * @throws as {@link pauseContainer}
 */
export function resumeContainer(system: SandboxSystem, cid: string, call: Call): Promise<void> {
  return change(system, cid, 'resume', system.deadlines.sandbox.resuming, call);
}

async function change(
  system: SandboxSystem,
  cid: string,
  verb: 'pause' | 'resume',
  limit: number,
  call: Call,
): Promise<void> {
  const { port } = system.container(cid);
  const refused = port.refusal({ type: verb, id: '' });
  if (refused !== undefined) throw refused;
  await system.port.during(
    (id) => ({ type: `container.${verb}`, id }),
    () => port.ask((id) => ({ type: verb, id }), call),
    limit,
    { correlation: call.correlation },
  );
}
