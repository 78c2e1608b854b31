import { RunstateError } from '../../errors/index.ts';
import { cancelled, isAborted } from '../cancelled.ts';
import type { LoadContainer, LoadRequest, LoadedContainer } from '../checkpoint.ts';
import type { PlatformListener } from '../platform.ts';
import type { ContainerSet } from './container-set.ts';
import { MemoryContainer, uidOf } from './memory-container.ts';
import type { MemoryProcess } from './memory-process.ts';
import { programOf } from './programs.ts';
import { readSaved, type Saved, type SavedProcess } from './saved.ts';

/**
 * Makes containers from what was saved: all of them, frozen as a whole, or none.
 * @throws RunstateError RESTORE_FAILED, CONTAINER_EXISTS, CANCELLED, and for one that is made anew as `create`
 */
export async function loadContainers(
  { directory, containers }: LoadRequest,
  set: ContainerSet,
  listener: PlatformListener,
  signal: AbortSignal,
): Promise<readonly LoadedContainer[]> {
  const saved = readSaved(directory);
  const root = containers.find(({ isRoot }) => isRoot);
  const waiting = root === undefined ? undefined : set.find(root.cid);
  waiting?.silence();
  await set.destroy(root?.cid ?? '', waiting);
  const made: MemoryContainer[] = [];
  try {
    set.setFrozen(undefined, true);
    for (const wanted of containers) {
      const { cid, bundle, spec, options } = wanted;
      const container = new MemoryContainer(cid, { bundle, spec, options }, listener);
      set.add(container);
      made.push(container);
      fill(container, wanted, saved);
    }
    await new Promise(setImmediate);
    if (isAborted(signal)) throw cancelled('restore', root?.cid ?? '', signal);
    return made.map(({ cid, made: { bundle } }) => ({ cid, bundle, processes: [] }));
  } catch (error) {
    for (const container of made) {
      container.silence();
      await set.destroy(container.cid, container);
    }
    throw error;
  }
}

function fill(container: MemoryContainer, wanted: LoadContainer, saved: Saved): void {
  const { savedCid, spec, isStarted, files = [] } = wanted;
  if (!isStarted) {
    const uid = spec.process === undefined ? 0 : uidOf(spec.process);
    container.launch(programOf(spec.process?.args), { origin: 'init', parent: undefined, files, uid });
    return;
  }
  const processes = saved[savedCid];
  if (processes === undefined) {
    const cause = `nothing was saved of container ${savedCid}`;
    throw new RunstateError('RESTORE_FAILED', { phase: 'read', cause, lines: '' });
  }
  const byPid = new Map<number, MemoryProcess>();
  for (const one of processes) {
    const process = again(container, one, byPid, files);
    byPid.set(one.pid, process);
    // Not by the container, which would have it print again what it has printed.
    process.begin();
  }
}

function again(
  container: MemoryContainer,
  { pid, ppid, uid, args, left }: SavedProcess,
  byPid: ReadonlyMap<number, MemoryProcess>,
  files: LoadContainer['files'],
): MemoryProcess {
  const origin = pid === 1 ? 'init' : 'child';
  const own = origin === 'init' ? (files ?? []) : [];
  return container.launch(programOf(args), {
    ...{ origin, parent: byPid.get(ppid), files: own, uid, pid, left },
  });
}
