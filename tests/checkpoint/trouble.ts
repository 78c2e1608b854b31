/** What goes wrong from outside in the middle of a checkpoint or restore: a CRIU that is killed, a disk that is full. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';

/**
 * Waits for the CRIU that works on the sandboxes of a run directory: it names it in its arguments, or has a directory
 * below it open (`criu swrk`). Of several it is the one that the others are children of: a restore makes every process
 * as one of them. @throws Error after 20 s
 */
export async function criuOf(root: string): Promise<number> {
  const deadline = performance.now() + 20_000;
  while (performance.now() < deadline) {
    const found = crius(root).find((pid) => !isCriu(parentOf(pid)));
    if (found !== undefined) return Number(found);
    await after(1);
  }
  throw new Error(`no CRIU came to work in ${root}`);
}

/** Waits until none works on the sandboxes of a run directory. @throws Error after 10 s, naming those that stay */
export async function noCriuIn(root: string): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (crius(root).length > 0) {
    if (performance.now() > deadline) throw new Error(`CRIU ${crius(root).join(', ')} is left in ${root}`);
    await after(10);
  }
}

const crius = (root: string): readonly string[] =>
  readdirSync('/proc').filter((name) => /^\d+$/.test(name) && isCriu(name) && worksIn(name, root));

/** By a loader of its own, or not. A runtime that is told of CRIU's directories is none. */
function isCriu(pid: string): boolean {
  const [program = '', ...args] = argumentsOf(pid);
  if (!/^(?:.*\/)?(?:criu|ld-linux[^/]*)$/.test(program)) return false;
  return /(?:^|\/)criu$/m.test([program, ...args].join('\n')) && /^(?:dump|swrk)$/m.test(args.join('\n'));
}

/** In the status of a process, proc_pid_status(5). */
const parentOf = (pid: string): string =>
  /^PPid:\s*(\d+)$/m.exec(attempt(() => readFileSync(`/proc/${pid}/status`, 'latin1'), ''))?.[1] ?? '0';

function worksIn(pid: string, root: string): boolean {
  if (argumentsOf(pid).some((one) => one.startsWith(root))) return true;
  const directory = `/proc/${pid}/fd`;
  return attempt(() => readdirSync(directory), []).some((fd) =>
    attempt(() => readlinkSync(join(directory, fd)), '').startsWith(root),
  );
}

const argumentsOf = (pid: string): readonly string[] =>
  attempt(() => readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0'), []);

/** Of a process that may have ended. */
function attempt<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}

/** A file system of so many MB at a new directory, until the test has ended. */
export function smallDisk(
  t: { teardown(undo: () => void): void },
  directory: string,
  megabytes: number,
): string {
  mkdirSync(directory);
  const done = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'runstate-test', directory]);
  if (done.status !== 0) throw new Error(`mount: ${done.stderr.toString()}`);
  t.teardown(() => {
    // Lazily: a supervisor that has answered its last call still has its log open there, until it ends.
    spawnSync('umount', ['--lazy', directory]);
  });
  return directory;
}
