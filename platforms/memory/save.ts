import { RunstateError } from '../../errors/index.ts';
import { cancelled, isAborted } from '../cancelled.ts';
import type { SaveRequest, SavedContainer } from '../checkpoint.ts';
import type { ContainerSet } from './container-set.ts';
import { SIGKILL } from './default-action.ts';
import type { MemoryContainer } from './memory-container.ts';
import { writeSaved } from './saved.ts';

/**
 * Saves what the processes of a frozen sandbox still have before them. Exec'd processes are lost, as on Linux.
 * @throws RunstateError CHECKPOINT_REFUSED, CHECKPOINT_FAILED, CANCELLED, CONTAINER_NOT_FOUND
 */
export async function saveContainers(
  { directory, containers, created, exec }: SaveRequest,
  set: ContainerSet,
  signal: AbortSignal,
): Promise<readonly SavedContainer[]> {
  const started = containers.map((cid) => set.get(cid));
  for (const container of started) {
    const execs = container.processes.filter(({ origin }) => origin === 'exec');
    const named = execs.map(({ pid, program }) => `${pid} (${program.args[0] ?? ''})`).join(', ');
    if (exec === 'refuse' && execs.length > 0)
      throw new RunstateError('CHECKPOINT_REFUSED', {
        kind: 'container',
        id: container.cid,
        why: `exec'd processes would be lost: ${named}; end them, or have them killed (--exec=kill)`,
      });
    for (const process of execs) process.signal(SIGKILL);
  }
  await new Promise(setImmediate);
  if (isAborted(signal)) throw cancelled('checkpoint', containers[0] ?? '', signal);
  writeSaved(
    directory,
    Object.fromEntries(started.map((container) => [container.cid, processesOf(container)])),
  );
  return [...started, ...created.map((cid) => set.get(cid))].map(({ cid, made }) => ({
    cid,
    ...made,
    processes: [],
  }));
}

function processesOf({ processes }: MemoryContainer) {
  return processes.map(({ pid, ppid, uid, program, left }) => ({
    ...{ pid, ppid, uid, args: program.args },
    ...(left === undefined ? {} : { left }),
  }));
}
