import { failPoint } from '../../../faults/fault-point.ts';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { RunstateError } from '../../../errors/index.ts';
import { parseSpec } from '../../../oci/index.ts';
import type { ContainerSpec } from '../../../oci/types.ts';
import type { SavedContainer, SaveRequest } from '../../checkpoint.ts';
import type { SandboxCgroups } from '../cgroups/index.ts';
import type { LinuxContainer } from '../container/linux-container.ts';
import { layerOf, saveUpper } from '../overlay/index.ts';
import { unmountBelow } from '../namespaces/mounts.ts';
import { readMadeFrom } from '../container/made-from.ts';
import { criuFailure, forgetOutsideFiles } from '../criu/index.ts';
import type { CheckpointParts } from './checkpoint-parts.ts';
import { bootId, hasOurClocks, timeNamespaceOf } from './clocks.ts';
import { dumpByCriu, outsideOf } from './dump-by-criu.ts';
import { writeSettings } from './criu-settings.ts';
import { leaveOutSharedIpc } from './shared-ipc.ts';
import { hasConnections, PacketLock } from './packet-lock.ts';
import { systemFailure } from '../system-error.ts';
import { ownRootsAmong, saveRoots } from './own-roots.ts';
import { outsideStreams } from './outside-streams.ts';
import { refuseStopped } from './stopped.ts';
import { endTcpRepair } from './tcp-repair.ts';
import { imagesOf, layerArchiveOf, writeSaved, type SavedInit } from './saved.ts';

/**
 * Saves the containers of a sandbox, which is frozen as a whole: sub-containers first, as their namespaces are the
 * root's. They are all left alive: whether they go is decided when the file is complete.
 * @throws RunstateError CHECKPOINT_REFUSED, CHECKPOINT_FAILED, NOT_SUPPORTED, SYSTEM, CANCELLED
 */
export async function saveContainers(
  request: SaveRequest,
  parts: CheckpointParts,
  signal: AbortSignal,
): Promise<readonly SavedContainer[]> {
  const { directory } = request;
  const started = request.containers.map((cid) => parts.containers.get(cid));
  await settleStrangers(started, request, parts, signal);
  for (const { cid, initPid } of started) {
    const pids = await parts.cgroups.pids(cid);
    await refuseStopped(cid, pids);
    if (initPid !== undefined) refuseOtherClocks(cid, initPid, pids);
  }
  const described = [...started, ...request.created.map((cid) => parts.containers.get(cid))].map(describe);
  const roots = ownRootsAmong(described, dirname(parts.network));
  // CRIU lets each container's processes run for a moment, by the container's own cgroup.
  await parts.cgroups.standByLeaves();
  failPoint('save.leaves');
  const isConnected = started.some(({ initPid }) => initPid !== undefined && hasConnections(initPid));
  const lock = isConnected ? await PacketLock.take(parts.network) : undefined;
  try {
    const [root, ...subs] = [...started].sort(rootFirst(request));
    // One after the other: two dumps at once take no less time on few processors.
    for (const container of [...subs, ...(root === undefined ? [] : [root])]) {
      await Promise.all([dump(container, directory, parts, signal), saveLayer(container, directory, signal)]);
      failPoint('save.dumped');
    }
    await saveRoots(roots, directory, signal);
  } catch (error) {
    // A CRIU that was killed may have let processes run; whether they are to go on is for the caller to say.
    for (const { cid } of started) {
      await parts.cgroups.freezeAgain(cid, AbortSignal.timeout(freezeTimeout));
      if (isConnected) endTcpRepair(await parts.cgroups.pids(cid));
    }
    throw error;
  } finally {
    await lock?.release();
  }
  const haveOurClocks = started.every(({ initPid }) => initPid === undefined || hasOurClocks(initPid));
  writeSaved(directory, {
    connected: isConnected,
    roots,
    ...(haveOurClocks ? { boot: bootId() } : {}),
    containers: Object.fromEntries(started.map((one) => [one.cid, initOf(one)])),
  });
  return described;
}

/**
 * What was exec'd in a container that was restored after the machine had been started anew has other clocks than that: of
 * both no restore could be made. @throws RunstateError CHECKPOINT_REFUSED
 */
function refuseOtherClocks(cid: string, initPid: number, pids: readonly number[]): void {
  if (hasOurClocks(initPid)) return;
  const clocks = timeNamespaceOf(initPid);
  const others = pids.filter((pid) => timeNamespaceOf(pid) !== clocks);
  if (others.length === 0) return;
  throw new RunstateError('CHECKPOINT_REFUSED', {
    ...{ kind: 'container', id: cid },
    why: `${others.length} of its processes were exec'd after a restore on a machine that had been started anew, and could not be restored with the others: end them first`,
  });
}

/** Ms. */
const freezeTimeout = 10_000;

const rootFirst =
  ({ containers: [root] }: SaveRequest) =>
  (a: LinuxContainer, b: LinuxContainer): number =>
    Number(b.cid === root) - Number(a.cid === root);

/** While all stand still, so that memory and files belong together. */
async function saveLayer(container: LinuxContainer, directory: string, signal: AbortSignal): Promise<void> {
  const { upper } = layerOf(container.directory);
  if (!existsSync(upper)) return;
  const archive = layerArchiveOf(directory, container.cid);
  await mkdir(dirname(archive), { recursive: true, mode: 0o700 });
  await writeFile(archive, saveUpper(upper, signal), { mode: 0o600 });
}

async function dump(
  container: LinuxContainer,
  directory: string,
  { runtime, criu, cgroups }: CheckpointParts,
  signal: AbortSignal,
): Promise<void> {
  const { cid } = container;
  const spec = effectiveSpecOf(container);
  const outside = outsideOf(container, spec, runtime);
  const images = imagesOf(directory, cid);
  mkdirSync(images, { recursive: true, mode: 0o700 });
  const streams = streamsOf(container);
  writeSettings(container.directory, 'dump', streams);
  const args = ['--leave-running', '--tcp-established', '--file-locks', '--image-path', images];
  try {
    await container.during(signal, (both) =>
      outside === undefined
        ? runtime.run('checkpoint', [...args, '--work-path', images], cid, both, { criu })
        : dumpByCriu(container, outside, { images, criu, cgroups }, both),
    );
  } catch (error) {
    unmountBelow(images);
    throw criuFailure({ what: 'checkpoint', log: join(images, 'dump.log') }, error);
  }
  leaveOutSharedIpc(spec, images);
  if (streams.some((name) => name?.startsWith('file') === true)) forgetOutsideFiles(images);
  // What CRIU said while it worked is nobody's to restore.
  rmSync(join(images, 'dump.log'), { force: true });
}

/** As the runtime got it. */
function effectiveSpecOf({ cid, directory }: LinuxContainer): ContainerSpec {
  const file = join(directory, 'config.json');
  try {
    return parseSpec(JSON.parse(readFileSync(file, 'utf8')), `container ${cid}`);
  } catch (error) {
    throw systemFailure('read', file, error);
  }
}

/** Exec'd processes outside of the tree below init would silently not be there after a restore; a terminal's would keep all from being saved. */
async function settleStrangers(
  started: readonly LinuxContainer[],
  { exec }: SaveRequest,
  { cgroups }: CheckpointParts,
  signal: AbortSignal,
): Promise<void> {
  for (const container of started) {
    const strangers = container.strangers();
    const [first] = strangers;
    if (first === undefined) continue;
    if (exec === 'refuse') {
      const named = strangers.map(({ pid, command }) => `${pid} (${command})`).join(', ');
      throw new RunstateError('CHECKPOINT_REFUSED', {
        kind: 'container',
        id: container.cid,
        why: `exec'd processes would be lost: ${named}; end them, or have them killed (--exec=kill)`,
      });
    }
    await killStrangers(container, cgroups, signal);
  }
}

const SIGKILL = 9;
const pause = 2;

/** Frozen they would not die: the container is let go for that, the others stand still. */
async function killStrangers(
  container: LinuxContainer,
  cgroups: SandboxCgroups,
  signal: AbortSignal,
): Promise<void> {
  for (const { pid } of container.strangers()) container.execs.get(pid)?.signal(SIGKILL);
  await cgroups.letDie(container.cid);
  while (container.strangers().length > 0) {
    signal.throwIfAborted();
    await after(pause);
  }
  await cgroups.freezeAgain(container.cid, signal);
}

function describe(container: LinuxContainer): SavedContainer {
  const { cid, directory } = container;
  const lost = new Set(container.strangers().map(({ pid }) => pid));
  const processes = [...container.execs.keys()].filter((pid) => !lost.has(pid));
  return { cid, ...readMadeFrom(directory), processes };
}

const initOf = (container: LinuxContainer): SavedInit => ({
  ...(container.helper === undefined ? {} : { helper: container.helper }),
  ...(container.program === undefined ? {} : { program: container.program.pid }),
  streams: streamsOf(container).map((name) => name ?? null),
});

/** Of its program, which is not pid 1 where that is runstate-init. */
const streamsOf = ({ program, initPid }: LinuxContainer): readonly (string | undefined)[] => {
  const pid = program?.hostPid ?? initPid;
  return pid === undefined ? [] : outsideStreams(pid);
};
