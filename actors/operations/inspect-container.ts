import type { ContainerStats, ProcessInfo } from '../../platforms/platform.ts';
import type { Call } from '../call.ts';
import type { SandboxSystem } from '../sandbox/sandbox-system.ts';
import { within } from './within.ts';

/** The processes of a container. @throws RunstateError CONTAINER_NOT_FOUND, CONTAINER_NOT_STARTED, WRONG_STATE */
export function listProcesses(
  system: SandboxSystem,
  cid: string,
  call: Call,
): Promise<readonly ProcessInfo[]> {
  return inspect(system, cid, () => system.platform.processes(cid), call);
}

/** The counters of a container. @throws RunstateError CONTAINER_NOT_FOUND, CONTAINER_NOT_STARTED, WRONG_STATE */
export function readStats(system: SandboxSystem, cid: string, call: Call): Promise<ContainerStats> {
  return inspect(system, cid, () => system.platform.stats(cid), call);
}

/** The processes of all containers that have any. */
export async function listAllProcesses(system: SandboxSystem, call: Call): Promise<readonly ProcessInfo[]> {
  const alive = system.containers.filter(
    ({ port }) => port.refusal({ type: 'inspect', id: '' }) === undefined,
  );
  const lists = await Promise.all(alive.map(({ cid }) => listProcesses(system, cid, call)));
  return lists.flat();
}

function inspect<T>(system: SandboxSystem, cid: string, look: () => Promise<T>, call: Call): Promise<T> {
  return system.container(cid).port.during(
    (id) => ({ type: 'inspect', id }),
    (signal) => within(signal, look),
    system.deadlines.operation.inspect,
    call,
  );
}
