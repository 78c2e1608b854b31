/** Counts what a machine has of things that containers are made of, to compare before and after. */
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { findCgroups } from '../platforms/linux/cgroups/find.ts';

export interface Census {
  /** Processes below the supervisor, the dead that nobody reaped among them. */
  readonly processes: number;
  /** Directories below the sandbox's cgroup, in all hierarchies. */
  readonly cgroups: number;
  /** What is mounted below the run directory, as the supervisor sees it: others mount elsewhere meanwhile. */
  readonly mounts: number;
  /** Namespaces that the supervisor or a process below it is in. */
  readonly namespaces: number;
  /** Unix sockets of the machine with a name of this sandbox's. */
  readonly sockets: number;
  /** The supervisor's descriptors. */
  readonly descriptors: number;
}

export function takeCensus(supervisor: number, sandbox: string, root: string): Census {
  const below = descendants(supervisor);
  return {
    processes: below.length,
    cgroups: cgroupsBelow(sandbox),
    mounts: lines(`/proc/${supervisor}/mountinfo`).filter((line) => line.includes(` ${root}/`)).length,
    namespaces: namespacesOf([supervisor, ...below]),
    sockets: socketsOf(sandbox),
    descriptors: names(`/proc/${supervisor}/fd`).length,
  };
}

/**
 * The same when it has come to rest, or is as wanted: the kernel removes namespaces, and a server its connections, a
 * moment later than their users are told. After 5 s: as it is then.
 */
export async function settledCensus(
  supervisor: number,
  sandbox: string,
  root: string,
  wanted?: Census,
): Promise<Census> {
  if (wanted === undefined) await after(Math.max(0, grownUp - ageOf(supervisor)));
  let last = takeCensus(supervisor, sandbox, root);
  for (let looks = 0; looks < 100 && !isDeepStrictEqual(last, wanted); looks++) {
    await after(50);
    const now = takeCensus(supervisor, sandbox, root);
    if (wanted === undefined && isDeepStrictEqual(now, last)) break;
    last = now;
  }
  return last;
}

/** Unix sockets of the machine with a name of this sandbox's. */
export const socketsOf = (sandbox: string): number =>
  lines('/proc/net/unix').filter(
    (line) => line.includes(`runsc-${sandbox}.`) || line.includes(`sandbox.${sandbox}`),
  ).length;

/** In ms: what watches the event loop, and what samples the heap, begin a moment after the supervisor does. */
const grownUp = 3000;

/** In ms. */
function ageOf(pid: number): number {
  const [stat = ''] = lines(`/proc/${pid}/stat`);
  const [uptime = ''] = lines('/proc/uptime');
  // In hundredths of a second since the machine's start (proc_pid_stat(5)); the command may hold anything.
  const started = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]) * 10;
  return Number(uptime.split(' ')[0]) * 1000 - started;
}

/** Every directory of a sandbox's cgroups, in all hierarchies. */
export function cgroupsBelow(sandbox: string): number {
  return findCgroups(sandbox).reduce((sum, path) => sum + directories(path), 0);
}

function directories(path: string): number {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .reduce((sum, { name }) => sum + directories(join(path, name)), 1);
  } catch {
    // It is not there.
    return 0;
  }
}

function descendants(pid: number): number[] {
  const children = names(`/proc/${pid}/task`).flatMap((task) =>
    lines(`/proc/${pid}/task/${task}/children`).flatMap((line) =>
      line.trim().split(' ').filter(Boolean).map(Number),
    ),
  );
  return children.flatMap((child) => [child, ...descendants(child)]);
}

function namespacesOf(pids: readonly number[]): number {
  const seen = new Set<string>();
  for (const pid of pids)
    for (const kind of names(`/proc/${pid}/ns`)) {
      try {
        seen.add(readlinkSync(`/proc/${pid}/ns/${kind}`));
      } catch {
        // The process has ended.
      }
    }
  return seen.size;
}

function names(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function lines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean);
  } catch {
    return [];
  }
}
