import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { files, processes } from '../../../native/index.ts';
import type { AdoptContainer, AdoptedContainer } from '../../adoption.ts';
import type { ExitStatus } from '../../exit-status.ts';
import type { SandboxCgroups } from '../cgroups/index.ts';
import type { ContainerSet } from '../container/container-set.ts';
import type { LinuxContainer } from '../container/linux-container.ts';
import { readPid } from '../container/pid-file.ts';
import { Program } from '../init/index.ts';
import { readStat } from '../proc/index.ts';
import { signalIfThere } from '../process/signal-if-there.ts';
import type { Runtime } from '../runc/runtime.ts';
import { forgetExec, readContainer, readExecs, type KnownContainer, type KnownExec } from './known.ts';
import { openIfSame } from './same-process.ts';

const SIGKILL = 9;

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
  if (pidfd === undefined) {
    removeFilesOfExecs(directory);
    return { cid, state: 'stopped', status: unseen, processes: request.processes.map(ended) };
  }
  // Before its init is: by its program it is known how that has ended.
  container.program = await findProgram(known, await cgroups.pids(cid));
  await containers.lookAfter(container, { hostPid: known.init.hostPid, pidfd, isRoot });
  const found = adoptExecs(container, request.processes, readExecs(directory));
  await killUnanswered(container, found, await cgroups.pids(cid));
  // The runtime's own mark of one that waits for its start.
  const isStarted = !existsSync(join(runtime.stateOf(cid), 'exec.fifo'));
  return { cid, state: isStarted ? 'running' : 'created', processes: found };
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

function adoptExecs(
  container: LinuxContainer,
  wanted: readonly number[],
  known: readonly KnownExec[],
): AdoptedContainer['processes'] {
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
    }
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
