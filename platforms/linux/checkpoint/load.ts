import { faultPoint } from '../../../faults/fault-point.ts';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { LoadContainer, LoadedContainer, LoadRequest } from '../../checkpoint.ts';
import { createByRuntime } from '../container/create.ts';
import type { LinuxContainer } from '../container/linux-container.ts';
import type { CheckpointParts } from './checkpoint-parts.ts';
import { renameHost } from './host-name.ts';
import { loadRoots, withPlace } from './own-roots.ts';
import { PacketLock } from './packet-lock.ts';
import { continueStopped, findProcesses, restoreByRuntime } from './restore-container.ts';
import { readSaved, type Saved } from './saved.ts';
import { StandardStreams } from './standard-streams.ts';

/**
 * Makes the containers of a sandbox again: the root first, whose namespaces the others join; all of them, frozen as a
 * whole, or none. @throws RunstateError RESTORE_FAILED, NOT_SUPPORTED, SYSTEM, CANCELLED, CONTAINER_EXISTS
 */
export async function loadContainers(
  request: LoadRequest,
  parts: CheckpointParts,
  signal: AbortSignal,
): Promise<readonly LoadedContainer[]> {
  const saved = readSaved(request.directory);
  const waiting = parts.containers.find(parts.root);
  // What the waiting root has as its standard streams the one to come gets.
  using streams = waiting?.initPid === undefined ? undefined : StandardStreams.of(waiting.initPid);
  const places = await loadRoots(saved.roots, request.directory, dirname(parts.network), signal);
  const containers = request.containers
    .map((one) => ({ ...one, spec: withPlace(one.spec, places) }))
    .map((one) => withStreams(one, streams));
  if (waiting !== undefined) await removeWaiting(waiting, parts, signal);
  try {
    // Not before all are there may one hear of another.
    await using lock = saved.connected ? await PacketLock.take(parts.network) : undefined;
    const loaded = await makeAll(containers, { directory: request.directory, saved }, parts, signal);
    faultPoint('load.made');
    await parts.cgroups.freeze(undefined, signal);
    await renameRoot(containers, loaded);
    await lock?.release();
    const started = containers.filter(({ isStarted }) => isStarted);
    await continueStopped(
      started.map(({ cid }) => cid),
      parts.cgroups,
    );
    return loaded;
  } catch (error) {
    await discardAll(containers, parts);
    throw error;
  }
}

/** What is restored from. */
interface From {
  readonly directory: string;
  readonly saved: Saved;
}

async function makeAll(
  [root, ...subs]: readonly LoadContainer[],
  from: From,
  parts: CheckpointParts,
  signal: AbortSignal,
): Promise<readonly LoadedContainer[]> {
  if (root === undefined) return [];
  const loaded = [await make(root, from, parts, signal)];
  // All have ended, well or not, before anything of them is cleared away.
  for (const outcome of await Promise.allSettled(subs.map((one) => make(one, from, parts, signal)))) {
    if (outcome.status === 'rejected') throw outcome.reason;
    loaded.push(outcome.value);
  }
  return loaded;
}

async function renameRoot(
  [root]: readonly LoadContainer[],
  [made]: readonly LoadedContainer[],
): Promise<void> {
  if (root !== undefined && made?.hostPid !== undefined) await renameHost(root, made.hostPid);
}

function make(
  wanted: LoadContainer,
  { directory, saved }: From,
  { containers, cgroups, criu }: CheckpointParts,
  signal: AbortSignal,
): Promise<LoadedContainer> {
  const { cid, savedCid, isStarted, files = [] } = wanted;
  const init = saved.containers[savedCid] ?? {};
  const container = containers.add(cid);
  return container.during(signal, async (both) => {
    const hostPid = await containers.adopt(container, wanted, (made) =>
      isStarted
        ? restoreByRuntime(
            container,
            wanted,
            { ...made, criu, directory, saved: init, boot: saved.boot },
            both,
          )
        : createByRuntime(container, { ...wanted, files }, made, both),
    );
    const bundle = existsSync(join(wanted.bundle, 'config.json')) ? wanted.bundle : container.directory;
    return { cid, hostPid, bundle, processes: await findProcesses(container, wanted, init, cgroups) };
  });
}

async function discardAll(
  made: readonly LoadContainer[],
  { root, containers }: CheckpointParts,
): Promise<void> {
  const subs = made.filter(({ cid }) => cid !== root);
  await Promise.all(subs.map(({ cid }) => containers.discard(cid)));
  await containers.discard(root);
}

/** A root that only waits to be started makes room. That it ends by this is not told: it is the same one that goes on. */
async function removeWaiting(
  waiting: LinuxContainer,
  { root, containers }: CheckpointParts,
  signal: AbortSignal,
): Promise<void> {
  waiting.silence();
  await containers.destroy(root, signal);
}

const withStreams = (one: LoadContainer, streams: StandardStreams | undefined): LoadContainer =>
  streams !== undefined && one.isRoot && one.files === undefined ? { ...one, files: streams.files } : one;
