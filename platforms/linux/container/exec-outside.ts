import { rmSync } from 'node:fs';
import { RunstateError } from '../../../errors/index.ts';
import type { StartedProcess } from '../../platform.ts';
import { cancelled } from '../../cancelled.ts';
import { containerPid } from '../proc/index.ts';
import { withControllingTerminal } from '../process/controlling-terminal.ts';
import { expectProcess } from '../process/reaper.ts';
import { execPidFile, type ExecWork } from './exec-work.ts';
import { readPid } from './pid-file.ts';
import { killStrays } from './strays.ts';

/**
 * Starts a process as a child of this one, outside of the tree below the container's pid 1: a checkpoint does not save
 * it. @throws RunstateError as Runtime.run; SYSTEM, MISSING_ARGUMENT
 */
export async function execOutside(work: ExecWork, signal: AbortSignal): Promise<StartedProcess> {
  const { container, request } = work;
  const pidFile = execPidFile(work);
  const expected = expectProcess(pidFile);
  let isFailed = false;
  try {
    await start(work);
    if (signal.aborted) throw cancelled('exec', container.cid, signal);
    const hostPid = readPid(pidFile);
    const pid = await pidOf(hostPid);
    container.watchExec({ pid, hostPid, stranger: request.process.args?.[0] ?? '' });
    return { pid, hostPid };
  } catch (error) {
    isFailed = true;
    throw error;
  } finally {
    expected();
    if (isFailed) killStrays(await work.pids());
    rmSync(pidFile, { force: true });
  }
}

async function start({ container, request, run }: ExecWork): Promise<void> {
  const { process, files, stdioIsTerminal } = request;
  if (stdioIsTerminal !== true) {
    await run(process, files);
    return;
  }
  const plan = withControllingTerminal(process, files, container.sandboxDirectory);
  try {
    await run(plan.process, plan.files);
  } finally {
    plan.close();
  }
}

/** @throws RunstateError SYSTEM */
async function pidOf(hostPid: number): Promise<number> {
  // Also of one that has ended: it stays a zombie until it is waited for, which comes later.
  const pid = await containerPid(hostPid);
  if (pid !== undefined) return pid;
  const params = { call: 'read', what: `/proc/${hostPid}/status`, why: 'the process is gone' };
  throw new RunstateError('SYSTEM', params);
}
