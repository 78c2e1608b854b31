/** What a sandbox leaves behind when its supervisor has died. */
import { lstatSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import {
  readSupervisorFile,
  removeSandboxDirectory,
  sandboxFiles,
  sandboxOfContainer,
  type SupervisorInfo,
} from '../../actors/run-directory/index.ts';
import { containersDirectory } from '../../actors/run-directory/layout.ts';
import { RunstateError } from '../../errors/index.ts';
import { files, isSystemError, processes, sockets } from '../../native/index.ts';
import { destroyLeftovers } from '../../platforms/linux/index.ts';
import { sandboxSocket, showAddress, supervisorSocket } from '../../transport/client/index.ts';
import { removeRecords } from '../../transport/compat/runsc/remove-records.ts';
import type { Context } from '../context.ts';

/**
 * Ends what runs in a sandbox whose supervisor has died, or does not answer any more and is killed, and removes
 * everything of it.
 * @throws RunstateError CONNECTION when the supervisor hosts other sandboxes, too; LEAKED when something is left
 */
export async function clearLeftovers(context: Context, sandbox: string): Promise<void> {
  const { root } = context;
  const info = await supervisorOf(root, sandbox);
  if (info?.isAlive === true) await killSupervisor(root, sandbox, info);
  const directory = sandboxFiles(root, sandbox);
  await destroyLeftovers(directory.platform, sandbox);
  rmSync(showAddress(sandboxSocket(root, sandbox)), { force: true });
  for (const cid of new Set([sandbox, ...containersOf(root, sandbox)])) {
    removeRecords(root, sandbox, cid);
    rmSync(join(containersDirectory(root), `${cid}.json`), { force: true });
  }
  // The id is free only when nothing else is left.
  removeSandboxDirectory(root, sandbox);
}

type Supervisor = SupervisorInfo & { readonly isAlive: boolean };

/** A directory that was made this very moment has no such note yet. */
const youngest = 2000;

async function supervisorOf(root: string, sandbox: string): Promise<Supervisor | undefined> {
  for (;;) {
    const info = readSupervisorFile(root, sandbox);
    if (info !== undefined) return info;
    const made = lstatSync(sandboxFiles(root, sandbox).directory, { throwIfNoEntry: false });
    if (made === undefined || Date.now() - made.mtimeMs > youngest) return undefined;
    await after(50);
  }
}

/** How long the kernel may take to end it, in ms. */
const killTimeout = 10_000;
const SIGKILL = 9;

async function killSupervisor(root: string, sandbox: string, { pid }: Supervisor): Promise<void> {
  if (servedBy(root) === pid)
    throw new RunstateError('CONNECTION', {
      address: showAddress(sandboxSocket(root, sandbox)),
      why: `process ${pid} does not answer, and hosts other sandboxes, too; to end them all: kill -9 ${pid}, then delete --force each`,
    });
  const deadline = performance.now() + killTimeout;
  processes.kill(pid, SIGKILL);
  while (readSupervisorFile(root, sandbox)?.isAlive === true) {
    if (performance.now() > deadline)
      throw new RunstateError('DEADLINE', {
        verb: 'kill',
        kind: 'supervisor of',
        id: sandbox,
        ms: killTimeout,
      });
    await after(10);
  }
}

/** The process that serves many sandboxes of this root; undefined when there is none. */
function servedBy(root: string): number | undefined {
  let fd: number;
  try {
    fd = sockets.connect(showAddress(supervisorSocket(root)));
  } catch (error) {
    if (isSystemError(error, 'ENOENT') || isSystemError(error, 'ECONNREFUSED')) return undefined;
    throw error;
  }
  try {
    return sockets.peerCredentials(fd).pid;
  } finally {
    files.close(fd);
  }
}

function containersOf(root: string, sandbox: string): readonly string[] {
  try {
    return readdirSync(containersDirectory(root))
      .filter((name) => name.endsWith('.json') && !name.startsWith('.'))
      .map((name) => basename(name, '.json'))
      .filter((cid) => sandboxOfContainer(root, cid) === sandbox);
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return [];
    throw error;
  }
}
