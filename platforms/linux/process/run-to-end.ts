import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { ProcessFiles } from '../../platform.ts';
import { isErrno } from '../system-error.ts';
import { watchForDeadChild } from './dead-child.ts';
import { runtimeWasKilled } from './reaper.ts';

export interface RunToEndOptions {
  /** All of its environment. */
  readonly env: NodeJS.ProcessEnv;
  /** When it is aborted the process group is killed; its end is waited for all the same. */
  readonly signal: AbortSignal;
  /** Its descriptors: /dev/null for the missing ones of the first three. */
  readonly files?: ProcessFiles;
  /** What it waits for is one process that may die under it: its name. The process group is killed then, too. */
  readonly dependsOn?: string | undefined;
}

/**
 * Runs a program that works on containers, in a session and a group of its own: no terminal's ^C reaches it, and
 * nothing of that group is left unless it ends with 0. Gives `exit code N`, `was ended by SIG…` or `was ended, as … had died`.
 * @throws the error of spawn(2) when it cannot be started
 */
export function runToEnd(
  binary: string,
  args: readonly string[],
  { env, signal, files = [], dependsOn }: RunToEndOptions,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawnWith(files, (stdio) => spawn(binary, args, { env, stdio, detached: true }));
    const kill = (): void => killGroup(child);
    let hasDied = false;
    const lost = (): void => {
      hasDied = true;
      kill();
    };
    const watch =
      dependsOn === undefined || child.pid === undefined ? undefined : watchForDeadChild(child.pid, lost);
    const settle = (): void => {
      signal.removeEventListener('abort', kill);
      watch?.[Symbol.dispose]();
    };
    signal.addEventListener('abort', kill, { once: true });
    if (signal.aborted) kill();
    child.once('error', (cause) => {
      settle();
      reject(cause);
    });
    // Not `close`: its descriptors live on in the container.
    child.once('exit', (code, sig) => {
      settle();
      // What it had begun goes on without it: a CRIU that was killed leaves helpers that wait for it for ever.
      if (code !== 0) kill();
      if (sig === null) resolve(`exit code ${code ?? 'unknown'}`);
      else resolve(hasDied ? `was ended, as ${dependsOn ?? 'another'} had died` : `was ended by ${sig}`);
    });
  });
}

/**
 * Node leaves a number above 2 that is to be ignored closed: the program's next file would get it, and the container
 * with it. So these are /dev/null, too.
 */
function spawnWith(files: ProcessFiles, start: (stdio: (number | 'ignore')[]) => ChildProcess): ChildProcess {
  const numbers = Array.from({ length: Math.max(3, files.length) }, (_none, fd) => files[fd]);
  const isMissing = numbers.slice(3).includes(undefined);
  const nothing = isMissing ? openSync('/dev/null', 'r+') : undefined;
  try {
    return start(numbers.map((fd) => fd ?? nothing ?? 'ignore'));
  } finally {
    if (nothing !== undefined) closeSync(nothing);
  }
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  runtimeWasKilled(pid);
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // It was quicker.
    if (!isErrno(error, 'ESRCH')) throw error;
  }
}
