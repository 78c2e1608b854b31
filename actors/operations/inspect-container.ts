import { files } from '../../native/index.ts';
import type { ControlFile, ProcessStacks, ProcfsDump } from '../../platforms/inspection.ts';
import type { ContainerStats, ProcessInfo } from '../../platforms/platform.ts';
import type { Call } from '../call.ts';
import type { ContainerRecord } from '../container/container-record.ts';
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
  return (await ofAll(system, (cid) => listProcesses(system, cid, call))).flatMap(([, list]) => list);
}

/** The counters of all containers that have processes, by their ids. */
export async function readAllStats(
  system: SandboxSystem,
  call: Call,
): Promise<ReadonlyMap<string, ContainerStats>> {
  return new Map(await ofAll(system, (cid) => readStats(system, cid, call)));
}

/** Where all threads of all containers stand, by the containers' ids. */
export function readAllStacks(
  system: SandboxSystem,
  call: Call,
): Promise<readonly (readonly [string, readonly ProcessStacks[]])[]> {
  const { inspection } = system.platform;
  return ofAll(system, (cid) => inspect(system, cid, () => inspection.stacks(cid), call));
}

/** What the kernel knows of all processes, by the containers' ids. */
export function readAllProcfs(
  system: SandboxSystem,
  call: Call,
): Promise<readonly (readonly [string, readonly ProcfsDump[]])[]> {
  const { inspection } = system.platform;
  return ofAll(system, (cid) => inspect(system, cid, () => inspection.procfs(cid), call));
}

/**
 * The text of a file of a container's cgroup. @throws RunstateError CONTAINER_NOT_FOUND, CONTAINER_NOT_STARTED,
 * WRONG_STATE, CONTROLLER_NOT_ACTIVE, CONTROL_FILE, NOT_SUPPORTED
 */
export function readControlFile(
  system: SandboxSystem,
  cid: string,
  file: ControlFile,
  call: Call,
): Promise<string> {
  return inspect(system, cid, () => system.platform.inspection.readControlFile(cid, file), call);
}

/** Writes one. @throws as readControlFile */
export function writeControlFile(
  system: SandboxSystem,
  cid: string,
  file: ControlFile,
  value: string,
  call: Call,
): Promise<void> {
  return inspect(system, cid, () => system.platform.inspection.writeControlFile(cid, file, value), call);
}

/**
 * Opens a file of a container for reading; the descriptor is the caller's. @throws RunstateError CONTAINER_NOT_FOUND,
 * CONTAINER_NOT_STARTED, WRONG_STATE, CONTAINER_FILE, NOT_SUPPORTED
 */
export async function openFile(
  system: SandboxSystem,
  cid: string,
  path: string,
  call: Call,
): Promise<number> {
  let isWanted = true;
  const open = async (): Promise<number> => {
    const fd = await system.platform.inspection.openFile(cid, path);
    // Nobody waits for it any more: nobody would close it.
    if (!isWanted) files.close(fd);
    return fd;
  };
  try {
    return await inspect(system, cid, open, call);
  } catch (error) {
    isWanted = false;
    throw error;
  }
}

/** A container that ends meanwhile is left out. */
async function ofAll<T>(
  system: SandboxSystem,
  look: (cid: string) => Promise<T>,
): Promise<readonly (readonly [string, T])[]> {
  const refused = (record: ContainerRecord): boolean =>
    record.port.refusal({ type: 'inspect', id: '' }) !== undefined;
  const found = await Promise.all(
    system.containers
      .filter((record) => !refused(record))
      .map(async (record): Promise<(readonly [string, T])[]> => {
        try {
          return [[record.cid, await look(record.cid)]];
        } catch (error) {
          if (refused(record) || !record.port.alive) return [];
          throw error;
        }
      }),
  );
  return found.flat();
}

function inspect<T>(system: SandboxSystem, cid: string, look: () => Promise<T>, call: Call): Promise<T> {
  return system.container(cid).port.during(
    (id) => ({ type: 'inspect', id }),
    (signal) => within(signal, look),
    system.deadlines.operation.inspect,
    call,
  );
}
