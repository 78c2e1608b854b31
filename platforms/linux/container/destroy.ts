import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { RunstateError } from '../../../errors/index.ts';
import type { SandboxCgroups } from '../cgroups/index.ts';
import { unmountAll } from '../namespaces/network.ts';
import type { Runtime } from '../runc/runtime.ts';
import { isErrno } from '../system-error.ts';
import { mountedRoot } from './create.ts';
import type { LinuxContainer } from './linux-container.ts';

const SIGKILL = 9;

/**
 * Ends everything in a container and removes all that there is of it, however far it had come. Idempotent.
 * @throws RunstateError LEAKED with what is left; SYSTEM, RUNTIME_FAILED
 */
export async function destroyContainer(
  container: LinuxContainer,
  cgroups: SandboxCgroups,
  runtime: Runtime,
  signal: AbortSignal,
): Promise<void> {
  const { cid, directory } = container;
  await killAll(container, cgroups, signal);
  // A runtime that was at work, e.g. an exec, may have put another process in since.
  await container.settled();
  await killAll(container, cgroups, signal);
  container.close();
  // The runtime runs the hooks of the spec that follow the end.
  if (existsSync(join(runtime.root, cid))) await runtime.run('delete', ['--', cid], signal);
  const left = [...(await cgroups.remove(cid, signal))];
  unmountAll(mountedRoot(directory));
  await rm(directory, { recursive: true, force: true });
  const pids = await cgroups.pids(cid);
  left.push(...pids.map((pid) => `process ${pid}`));
  if (left.length > 0) throw new RunstateError('LEAKED', { kind: 'container', id: cid, left });
}

const firstPause = 0.5;
const longestPause = 10;
/** Looks at an ending container before all of its processes are killed one by one. */
const patience = 6;

/** Kills init, with which its pid namespace ends; whoever is left then is killed by the cgroup. Waits until all have gone. */
async function killAll(
  container: LinuxContainer,
  cgroups: SandboxCgroups,
  signal: AbortSignal,
): Promise<void> {
  const { cid } = container;
  killInit(container);
  await cgroups.letDie(cid);
  let pause = firstPause;
  for (let look = 1; ; look++) {
    const pids = await cgroups.pids(cid);
    if (pids.length === 0) break;
    signal.throwIfAborted();
    if (look % patience === 0) await cgroups.signalAll(cid, SIGKILL, signal);
    await after(pause);
    pause = Math.min(pause * 1.5, longestPause);
  }
  // Until they are reaped, and their ends told.
  while (container.init !== undefined || container.execs.size > 0) {
    signal.throwIfAborted();
    await after(firstPause);
  }
}

function killInit({ init }: LinuxContainer): void {
  try {
    init?.signal(SIGKILL);
  } catch (error) {
    if (!isErrno(error, 'ESRCH')) throw error;
  }
}
