import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { files, processes } from '../../../native/index.ts';
import type { AdoptContainer, AdoptedContainer } from '../../adoption.ts';
import { fromWaitStatus, toWaitStatus, type ExitStatus } from '../../exit-status.ts';
import type { SandboxCgroups } from '../cgroups/index.ts';
import type { ContainerSet } from '../container/container-set.ts';
import type { LinuxContainer } from '../container/linux-container.ts';
import { readPid } from '../container/pid-file.ts';
import { markStarted, waitsForStart } from '../container/waits-for-start.ts';
import { Program } from '../init/index.ts';
import { readStat } from '../proc/index.ts';
import { endedDirectory, statusKept } from '../process/status-keeper.ts';
import { signalIfThere } from '../process/signal-if-there.ts';
import type { Runtime } from '../runc/runtime.ts';
import {
  forgetExec,
  readContainer,
  readExecs,
  type KnownContainer,
  type KnownExec,
  type KnownProcess,
} from './known.ts';
import { openIfSame } from './same-process.ts';

const SIGKILL = 9;

/** Ms: the keeper of statuses of the supervisor before may be about to write. */
const patience = 200;
const pause = 5;

/** As the keeper of the supervisor before has seen it. */
async function statusOf(sandboxDirectory: string, known: KnownProcess | undefined): Promise<ExitStatus> {
  if (known === undefined || !existsSync(endedDirectory(sandboxDirectory))) return unseen;
  for (let waited = 0; ; waited += pause) {
    const status = statusKept(sandboxDirectory, known);
    if (status !== undefined) return fromWaitStatus(status);
    if (waited >= patience) return unseen;
    await after(pause);
  }
}

const unseen: ExitStatus = { kind: 'unknown', why: 'it ended while no supervisor was there to see it' };

export interface AdoptParts {
  readonly containers: ContainerSet;
  readonly cgroups: SandboxCgroups;
  readonly runtime: Runtime;
}

/**
 * Looks after a container that a supervisor before this one has made: knows its processes again by what that has kept
 * of them, and has their ends told. @throws RunstateError SYSTEM
 */
export async function adoptContainer(
  request: AdoptContainer,
  directory: string,
  { containers, cgroups, runtime }: AdoptParts,
): Promise<AdoptedContainer> {
  const { cid, isRoot } = request;
  const known = readContainer(directory);
  if (known === undefined) return { cid, state: 'absent', processes: request.processes.map(ended) };
  const container = containers.add(cid);
  container.isAdopted = true;
  container.helper = known.helper;
  container.command = known.command;
  container.namespaces = known.namespaces;
  const pidfd = openIfSame(known.init);
  const { sandboxDirectory } = container;
  if (pidfd === undefined) {
    const execs = readExecs(directory);
    const processes = request.processes.map(async (pid) => {
      const one = execs.find((exec) => exec.pid === pid);
      return { pid, status: await statusOf(sandboxDirectory, one) };
    });
    // Of what runstate-init has started the true status is that of its program.
    const status = await statusOf(sandboxDirectory, known.program ?? known.init);
    removeFilesOfExecs(directory);
    return { cid, state: 'stopped', status, processes: await Promise.all(processes) };
  }
  // Before its init is: by its program it is known how that has ended.
  container.program = await findProgram(known, await cgroups.pids(cid));
  if (container.program === undefined && known.program !== undefined)
    container.programStatus = toWaitStatus(await statusOf(sandboxDirectory, known.program));
  await containers.lookAfter(container, { hostPid: known.init.hostPid, pidfd, isRoot });
  container.keep();
  const found = await adoptExecs(container, request.processes, readExecs(directory));
  await killUnanswered(container, found, await cgroups.pids(cid));
  const state = runtime.stateOf(cid);
  const isWaiting = waitsForStart(known.init.hostPid, state);
  if (!isWaiting) markStarted(state);
  return { cid, state: isWaiting ? 'created' : 'running', processes: found };
}

const ended = (pid: number): { readonly pid: number; readonly status: ExitStatus } => ({
  pid,
  status: unseen,
});

/** As it was kept; a supervisor that died just after the start may have kept none. */
async function findProgram(known: KnownContainer, pids: readonly number[]): Promise<Program | undefined> {
  if (known.helper === undefined) return undefined;
  const { program } = known;
  if (program !== undefined) {
    const pidfd = openIfSame(program);
    return pidfd === undefined ? undefined : new Program(program.pid, program.hostPid, pidfd);
  }
  return Program.find(known.init.hostPid, pids);
}

async function adoptExecs(
  container: LinuxContainer,
  wanted: readonly number[],
  known: readonly KnownExec[],
): Promise<AdoptedContainer['processes']> {
  const found = new Map(wanted.map((pid) => [pid, ended(pid) as AdoptedContainer['processes'][number]]));
  for (const one of known) {
    const pidfd = openIfSame(one);
    if (pidfd !== undefined && wanted.includes(one.pid)) {
      container.watchExec({ ...one, pidfd, isKept: true });
      found.set(one.pid, { pid: one.pid });
      continue;
    }
    if (pidfd !== undefined) {
      processes.signalPidfd(pidfd, SIGKILL);
      files.close(pidfd);
    } else if (wanted.includes(one.pid))
      found.set(one.pid, { pid: one.pid, status: await statusOf(container.sandboxDirectory, one) });
    forgetExec(container.directory, one.hostPid);
  }
  return [...found.values()];
}

/**
 * Kills what a runtime had started and nobody was told of, by the file in which it has named that, and removes the
 * files of execs that were under way.
 */
async function killUnanswered(
  { directory }: LinuxContainer,
  found: AdoptedContainer['processes'],
  pids: readonly number[],
): Promise<void> {
  const answered = readExecs(directory).filter(({ pid }) => found.some((one) => one.pid === pid));
  for (const name of readdirSync(directory)) {
    if (!/^exec-\d+\.pid$/.test(name)) continue;
    const pid = pidIn(join(directory, name));
    const isAnswered = answered.some(({ hostPid }) => hostPid === pid);
    if (pid === undefined || isAnswered || !pids.includes(pid)) continue;
    if ((await readStat(pid)) !== undefined) signalIfThere(pid, SIGKILL);
  }
  removeFilesOfExecs(directory);
}

/** Undefined: the runtime had not come so far. */
function pidIn(file: string): number | undefined {
  try {
    return readPid(file);
  } catch {
    return undefined;
  }
}

function removeFilesOfExecs(directory: string): void {
  for (const name of readdirSync(directory))
    if (/^exec-\d+\.(pid|json)$/.test(name)) rmSync(join(directory, name), { force: true });
}
