import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { RunstateError } from '../../../errors/index.ts';
import { files, processes } from '../../../native/index.ts';
import { endedDirectory, statusKeeperProgram } from '../process/status-keeper.ts';
import { isErrno } from '../system-error.ts';

const SIGKILL = 9;
/** Ms between two looks. */
const pause = 5;
/** CRIU may be in the middle of a process, and would leave it so: it is given time to come to its end, in ms. */
const criuPatience = 20_000;

/**
 * Ends what a supervisor that has died had at work on a sandbox: its runtimes, with their process groups, and the CRIU
 * that it asked itself, which may go on for a while. @param directory the platform's own of the sandbox
 * @throws RunstateError LEAKED with what does not end when `signal` is aborted
 */
export async function endTools(directory: string, sandbox: string, signal: AbortSignal): Promise<void> {
  const began = performance.now();
  for (;;) {
    const tools = toolsAt(directory);
    if (tools.length === 0) return;
    const isLate = performance.now() - began > criuPatience;
    for (const { pid, isCriu } of tools) if (!isCriu || isLate) killGroup(pid);
    if (signal.aborted) {
      const left = tools.map(({ pid, name }) => `process ${pid} (${name})`);
      throw new RunstateError('LEAKED', { kind: 'sandbox', id: sandbox, left });
    }
    await after(pause);
  }
}

/** Ends the keepers of statuses that supervisors before this one have left. @param except its own */
export async function endKeepers(directory: string, except?: number): Promise<void> {
  const ended = endedDirectory(directory);
  for (const { pid, args } of processesNow()) {
    const isOne = basename(args[0] ?? '') === statusKeeperProgram && args[1] === ended;
    if (isOne && pid !== except) await endAndReap(pid);
  }
}

/** How often one that was killed is looked at. */
const mostLooks = 200;

/** It may be a child of this process by now, if that takes orphans in: then nobody else reaps it. */
async function endAndReap(pid: number): Promise<void> {
  let pidfd: number;
  try {
    pidfd = processes.openPidfd(pid);
  } catch (error) {
    if (isErrno(error, 'ESRCH')) return;
    throw error;
  }
  try {
    killGroup(pid);
    for (let look = 0; processes.waitPidfd(pidfd) === undefined && look < mostLooks; look++)
      await after(pause);
  } catch (error) {
    // It is not.
    if (!isErrno(error, 'ECHILD')) throw error;
  } finally {
    files.close(pidfd);
  }
}

interface Tool {
  readonly pid: number;
  readonly name: string;
  readonly isCriu: boolean;
}

/** By their arguments, which name the directory: nobody else's program has the runtime's state as its own. */
function toolsAt(directory: string): readonly Tool[] {
  const state = join(directory, 'runc');
  return processesNow().flatMap(({ pid, args }): Tool[] => {
    const program = basename(args[0] ?? '');
    const isRuntime = args[1] === '--root' && args[2] === state;
    const isCriu = program === 'criu' && args.some((one) => one.startsWith(`${directory}/`));
    return isRuntime || isCriu ? [{ pid, name: program, isCriu }] : [];
  });
}

function processesNow(): readonly { readonly pid: number; readonly args: readonly string[] }[] {
  const pids = readdirSync('/proc').map(Number);
  return pids.flatMap((pid) => (pid > 0 && pid !== process.pid ? [{ pid, args: argumentsOf(pid) }] : []));
}

/** None of a zombie, which has done all that it could do. */
function argumentsOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ESRCH')) return [];
    throw error;
  }
}

/** Each leads a group of its own. */
function killGroup(pid: number): void {
  for (const target of [-pid, pid]) {
    try {
      processes.kill(target, SIGKILL);
    } catch (error) {
      if (!isErrno(error, 'ESRCH')) throw error;
    }
  }
}
