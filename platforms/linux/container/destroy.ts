import { failPoint } from '../../../faults/fault-point.ts';
import { existsSync, readdirSync, rmdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { RunstateError, messageOf } from '../../../errors/index.ts';
import type { Logger } from '../../../log/logger.ts';
import type { SandboxCgroups } from '../cgroups/index.ts';
import { unmountAll, unmountBelow } from '../namespaces/mounts.ts';
import { removeLayer } from '../overlay/index.ts';
import { signalIfThere } from '../process/signal-if-there.ts';
import { reapOrphans } from '../process/reaper.ts';
import type { Runtime } from '../runc/runtime.ts';
import { isErrno } from '../system-error.ts';
import { mountedRoot } from './create.ts';
import type { LinuxContainer } from './linux-container.ts';

const SIGKILL = 9;

export interface DestroyParts {
  readonly cgroups: SandboxCgroups;
  readonly runtime: Runtime;
  readonly log: Logger;
}

/**
 * Ends everything in a container and removes all that there is of it, however far it had come. Idempotent.
 * @throws RunstateError LEAKED with what is left when `signal` is aborted; SYSTEM
 */
export async function destroyContainer(
  container: LinuxContainer,
  parts: DestroyParts,
  signal: AbortSignal,
): Promise<void> {
  const { cid, directory } = container;
  const { cgroups } = parts;
  await container.stopWork();
  const alive = await killAll(container, cgroups, signal);
  if (alive.length > 0) throw leaked(cid, alive);
  failPoint('destroy.killed');
  await container.others.settle(othersTimeout);
  container.close();
  await removeState(container, parts, signal);
  failPoint('destroy.deleted');
  const left = [...(await cgroups.remove(cid, signal))];
  failPoint('destroy.uncgrouped');
  unmountAll(mountedRoot(directory));
  left.push(...(await removeLayer(directory)));
  failPoint('destroy.unmounted');
  const state = parts.runtime.stateOf(cid);
  // A runtime that was killed in the middle of a restore leaves the root mounted there, for CRIU.
  unmountBelow(state);
  left.push(...removeFlat(directory), ...removeFlat(state));
  if (left.length > 0) throw leaked(cid, left);
}

const leaked = (id: string, left: readonly string[]): RunstateError =>
  new RunstateError('LEAKED', { kind: 'container', id, left });

const firstPause = 0.5;
const longestPause = 10;
/** How long it may take to learn how processes ended that are not our children, in ms. */
const othersTimeout = 1000;
/** Looks at an ending container before all of its processes are killed one by one. */
const patience = 6;

/**
 * Kills init, with which its pid namespace ends; whoever is left then is killed by the cgroup. Waits until all have
 * gone and their ends are told. Gives what is left when `signal` is aborted.
 */
async function killAll(
  container: LinuxContainer,
  cgroups: SandboxCgroups,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { cid } = container;
  let pids = await cgroups.pids(cid);
  if (pids.length > 0 || container.isAwaited) {
    // Let go, who is not killed yet would run on until init has ended: what was saved must not go on here.
    if (cgroups.isFrozen(cid)) for (const pid of pids) signalIfThere(pid, SIGKILL);
    killKnown(container);
    await cgroups.letDie(cid);
  }
  let pause = firstPause;
  for (let look = 1; ; look++) {
    // A zombie of an aborted exec would keep init from ending.
    reapOrphans();
    pids = await cgroups.pids(cid);
    if (pids.length === 0 && !container.isAwaited) return [];
    if (signal.aborted) return [...pids.map((pid) => `process ${pid}`), ...awaited(container)];
    if (look % patience === 0) await signalAll(cgroups, cid, signal);
    await after(pause);
    pause = Math.min(pause * 1.5, longestPause);
  }
}

async function signalAll(cgroups: SandboxCgroups, cid: string, signal: AbortSignal): Promise<void> {
  try {
    await cgroups.signalAll(cid, SIGKILL, signal);
  } catch (error) {
    // Its deadline passed: the caller tells what is left.
    if (!signal.aborted) throw error;
  }
}

function awaited({ init, execs }: LinuxContainer): readonly string[] {
  const watches = [...(init === undefined ? [] : [init]), ...execs.values()];
  return watches.map(({ hostPid }) => `the end of process ${hostPid}`);
}

function killKnown({ init, execs }: LinuxContainer): void {
  for (const watch of [init, ...execs.values()]) {
    try {
      watch?.signal(SIGKILL);
    } catch (error) {
      if (!isErrno(error, 'ESRCH')) throw error;
    }
  }
}

/** By the runtime, which runs the hooks that the spec has for the end; what it does not know it cannot delete. */
async function removeState(
  { cid }: LinuxContainer,
  { runtime, log }: DestroyParts,
  signal: AbortSignal,
): Promise<void> {
  if (!existsSync(join(runtime.stateOf(cid), 'state.json'))) return;
  try {
    await runtime.run('delete', [], cid, signal);
  } catch (error) {
    // The rest is removed all the same, and then it is looked whether something is left.
    log.warn('the runtime could not delete a container', { container: cid, cause: messageOf(error) });
  }
}

/**
 * Removes a directory and its files, and an empty directory in it: never what is below that, which could be somebody's
 * root file system. Gives what could not be removed.
 */
function removeFlat(directory: string): readonly string[] {
  try {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) rmdirSync(path);
      else unlinkSync(path);
    }
    rmdirSync(directory);
    return [];
  } catch (error) {
    return isErrno(error, 'ENOENT') ? [] : [`${directory} (${messageOf(error)})`];
  }
}
