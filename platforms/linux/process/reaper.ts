/**
 * Reaps the orphans that come to this process as a child subreaper and that nobody waits for: what a killed runtime
 * leaves, and the forgotten children of containers without a pid namespace. An unreaped one that had entered a
 * container's pid namespace would keep that container's init from ending (pid_namespaces(7)).
 *
 * Node's own children, and whoever else's, are never touched: an orphan is known by marks that no child that this
 * process started itself can have.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';
import { files, processes } from '../../../native/index.ts';
import { isErrno } from '../system-error.ts';

/** Children that somebody waits for, by pidfd. */
const watched = new Set<number>();
/** Process groups of runtimes that were killed. */
const killed = new Set<number>();
/** Files in which runtimes at work are about to name the process that they have started: somebody will wait for it. */
const expected = new Set<string>();
/** Children that were seen alive in a sandbox's cgroup: a dead one's cgroup is not told in cgroup v1. */
const adopted = new Set<number>();
const sandboxes = new Set<string>();

/** As many as are remembered: their children end at once. */
const mostKilled = 64;
/** How often one that is about to end is looked at, each a millisecond after the other. */
const mostLooks = 100;
/** Signals come in bursts. Ms. */
const pause = 20;
let timer: NodeJS.Timeout | undefined;

/** Reaps orphans of a sandbox, known by its cgroup's path, until what is returned is called. */
export function reapFor(cgroup: string): () => void {
  if (sandboxes.size === 0) process.on('SIGCHLD', reapSoon);
  sandboxes.add(cgroup);
  return () => {
    if (!sandboxes.delete(cgroup) || sandboxes.size > 0) return;
    process.off('SIGCHLD', reapSoon);
    clearTimeout(timer);
    timer = undefined;
  };
}

/** Somebody waits for that child: it is not reaped here, until what is returned is called. */
export function watchedBySomebody(pid: number): () => void {
  watched.add(pid);
  return () => {
    watched.delete(pid);
  };
}

/**
 * The process that a runtime at work names in that file is not reaped here, until what is returned is called: before
 * the runtime ends it is not our child, and when it has ended the file is there.
 */
export function expectProcess(pidFile: string): () => void {
  expected.add(pidFile);
  return () => {
    expected.delete(pidFile);
    if (sandboxes.size > 0) reapSoon();
  };
}

/** A runtime, the leader of its own process group, was killed: its children are nobody's. */
export function runtimeWasKilled(pid: number): void {
  killed.add(pid);
  for (const oldest of killed) {
    if (killed.size <= mostKilled) break;
    killed.delete(oldest);
  }
}

/**
 * Of some processes those that killed runtimes have put into a container's pid namespace and left to us. An orphan of
 * the container's own making would have gone to its init.
 */
export function straysAmong(pids: readonly number[]): readonly number[] {
  const children = readChildren();
  const coming = named();
  return pids.filter(
    (pid) => children.includes(pid) && !watched.has(pid) && !coming.has(pid) && depthOf(pid) > own().depth,
  );
}

/**
 * Reaps the process that is named in a file which is expected: it was for this moment only, and has ended or is about
 * to. @param isEnding false: what is still there is left to its killer
 */
export async function reapNamed(pidFile: string, isEnding: boolean): Promise<void> {
  const pid = Number(read(pidFile));
  if (!(pid > 0) || watched.has(pid)) return;
  for (let looks = 0; !reap(pid) && isEnding && looks < mostLooks; looks++) await after(1);
}

/** Reaps the orphans that have ended, now. */
export function reapOrphans(): void {
  const children = readChildren();
  // After the children: who is among them has been named by then.
  const coming = named();
  for (const pid of adopted) if (!children.includes(pid)) adopted.delete(pid);
  for (const pid of children) if (!watched.has(pid) && !coming.has(pid)) look(pid);
}

/** Whom the runtimes that are at work, or have just ended, have named. */
function named(): ReadonlySet<number> {
  return new Set([...expected].map((file) => Number(read(file))));
}

function reapSoon(): void {
  if (timer !== undefined) return;
  timer = setTimeout(() => {
    timer = undefined;
    reapOrphans();
  }, pause);
  timer.unref();
}

function look(pid: number): void {
  const child = readChild(pid);
  if (child === undefined) return;
  if (child.state !== 'Z') {
    if (isInSandbox(pid)) adopted.add(pid);
  } else if (adopted.has(pid) || isInSandbox(pid) || isNobodys(pid, child)) {
    reap(pid);
    adopted.delete(pid);
  }
}

/** A child that was started by this process itself has its session or leads one, has its pid namespace, and no killed runtime's group. */
function isNobodys(pid: number, { group, session }: Child): boolean {
  if (killed.has(group) && group !== pid) return true;
  return (session !== own().session && session !== pid) || depthOf(pid) > own().depth;
}

/** True when there is nothing left to reap. */
function reap(pid: number): boolean {
  let pidfd: number;
  try {
    pidfd = processes.openPidfd(pid);
  } catch (error) {
    if (isErrno(error, 'ESRCH')) return true;
    throw error;
  }
  try {
    return processes.waitPidfd(pidfd) !== undefined;
  } catch (error) {
    if (!isErrno(error, 'ECHILD')) throw error;
    return true;
  } finally {
    files.close(pidfd);
  }
}

interface Child {
  readonly state: string;
  readonly group: number;
  readonly session: number;
}

/** Orphans are given to the main thread. Needs a kernel with CONFIG_PROC_CHILDREN, which Debian's has. */
function readChildren(): readonly number[] {
  const text = read(`/proc/self/task/${process.pid}/children`) ?? '';
  return text.split(' ').filter(Boolean).map(Number);
}

function readChild(pid: number): Child | undefined {
  const text = read(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  const [state = '', , group, session] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state, group: Number(group), session: Number(session) };
}

/** False also where that is not told: a zombie's in cgroup v1. */
function isInSandbox(pid: number): boolean {
  const text = read(`/proc/${pid}/cgroup`) ?? '';
  return [...sandboxes].some((path) => text.includes(`${path}/`));
}

/** In how many pid namespaces it is, one in the other. */
function depthOf(pid: number | 'self'): number {
  const line = /^NSpid:\s*(.*)$/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1] ?? '';
  return line.split(/\s+/).length;
}

let ownMarks: { readonly session: number; readonly depth: number } | undefined;

function own(): { readonly session: number; readonly depth: number } {
  ownMarks ??= { session: readChild(process.pid)?.session ?? 0, depth: depthOf('self') };
  return ownMarks;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1');
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ESRCH')) return undefined;
    throw error;
  }
}
