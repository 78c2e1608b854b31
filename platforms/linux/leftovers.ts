import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { RunstateError } from '../../errors/index.ts';
import { silent, type Logger } from '../../log/logger.ts';
import { endKeepers, endTools } from './adoption/index.ts';
import { SandboxCgroups, detectLayout } from './cgroups/index.ts';
import { cgroupName, mainDirectory, sandboxPath } from './cgroups/paths.ts';
import { subdirectories } from './cgroups/processes.ts';
import { destroyContainer } from './container/destroy.ts';
import { LinuxContainer } from './container/linux-container.ts';
import { mountsBelow, unmountBelow } from './namespaces/mounts.ts';
import { layersDirectory } from './overlay/index.ts';
import { Runtime } from './runc/runtime.ts';
import { systemFailure } from './system-error.ts';

export interface LeftoverOptions {
  /** The OCI runtime's binary: `runc` unless set. */
  readonly runtime?: string;
  readonly log?: Logger;
  /** Ends it, with LEAKED: after 30 s unless set. */
  readonly signal?: AbortSignal;
}

const SIGKILL = 9;
const timeout = 30_000;

/**
 * Ends and removes what a sandbox has left whose supervisor has died: its containers, by what is on disk and in the
 * cgroups, its cgroups, mounts, network namespace and `directory` (the platform's own). Idempotent. Nobody may be
 * using it.
 * @throws RunstateError LEAKED with what is left; NOT_SUPPORTED, SYSTEM
 */
export async function destroyLeftovers(
  directory: string,
  sandboxId: string,
  options: LeftoverOptions = {},
): Promise<void> {
  const { signal = AbortSignal.timeout(timeout), log = silent, runtime: binary = 'runc' } = options;
  try {
    const layout = await detectLayout();
    const name = cgroupName(sandboxId, directory);
    const parent = mainDirectory(layout, sandboxPath(name));
    if (!existsSync(directory) && !existsSync(parent)) return;
    await endTools(directory, sandboxId, signal);
    await endKeepers(directory);
    const cgroups = await SandboxCgroups.open(layout, name);
    const alive = await subdirectories(parent);
    const places = [join(directory, 'bundles'), layersDirectory(directory), join(directory, 'runc')];
    const cids = [...new Set([...places.flatMap(namesIn), ...alive])];
    await killAll(cgroups, alive, signal);
    const left: string[] = [];
    const parts = { cgroups, log, runtime: new Runtime(binary, directory) };
    for (const cid of cids) {
      const container = new LinuxContainer(cid, join(directory, 'bundles', cid), nobody, log);
      await destroyContainer(container, parts, signal);
    }
    left.push(...(await cgroups.close(signal)));
    unmountBelow(directory);
    left.push(...mountsBelow(directory).map((point) => `mount ${point}`));
    if (left.length > 0) throw new RunstateError('LEAKED', { kind: 'sandbox', id: sandboxId, left });
    rmSync(directory, { recursive: true, force: true });
  } catch (error) {
    throw systemFailure('clear', `sandbox ${sandboxId}`, error);
  }
}

/** Before anything is thawed, so that nothing runs on: it may have been left frozen, alone or as a whole. */
async function killAll(cgroups: SandboxCgroups, cids: readonly string[], signal: AbortSignal): Promise<void> {
  for (const cid of cids) await cgroups.signalAll(cid, SIGKILL, signal);
  await cgroups.thaw(undefined);
  for (const cid of cids) await cgroups.thaw(cid);
}

/** There is none to be told. */
const nobody = { exited: () => undefined, oomKilled: () => undefined };

function namesIn(directory: string): readonly string[] {
  return existsSync(directory) ? readdirSync(directory) : [];
}
