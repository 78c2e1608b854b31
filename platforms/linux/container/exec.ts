import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RunstateError } from '../../../errors/index.ts';
import { processes } from '../../../native/index.ts';
import type { ExecRequest, StartedProcess } from '../../platform.ts';
import { cancelled } from '../cancelled.ts';
import { containerPid } from '../proc/index.ts';
import { withControllingTerminal } from '../process/controlling-terminal.ts';
import { expectProcess, straysAmong } from '../process/reaper.ts';
import type { Runtime } from '../runc/runtime.ts';
import { isErrno, systemFailure } from '../system-error.ts';
import { consoleArguments, fileArguments } from './console-arguments.ts';
import { toJson } from './create.ts';
import type { LinuxContainer } from './linux-container.ts';
import { readPid } from './pid-file.ts';

const SIGKILL = 9;

/**
 * Starts another process, and has its end told. One that was started all the same when `signal` was aborted is killed.
 * @param pids lists the container's processes, in the host's numbering
 * @throws RunstateError as Runtime.run; SYSTEM, MISSING_ARGUMENT
 */
export async function execByRuntime(
  container: LinuxContainer,
  request: ExecRequest,
  runtime: Runtime,
  pids: () => Promise<readonly number[]>,
  signal: AbortSignal,
): Promise<StartedProcess> {
  const name = join(container.directory, container.nextName('exec'));
  const pidFile = `${name}.pid`;
  const expected = expectProcess(pidFile);
  let isFailed = false;
  try {
    await start(container, request, runtime, name, signal);
    if (signal.aborted) throw cancelled('exec', container.cid, signal);
    const hostPid = readPid(pidFile);
    const pid = await pidOf(hostPid);
    container.watchExec(pid, hostPid);
    return { pid, hostPid };
  } catch (error) {
    isFailed = true;
    throw error;
  } finally {
    expected();
    if (isFailed) killStrays(await pids());
    rmSync(pidFile, { force: true });
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

async function start(
  { cid, sandboxDirectory }: LinuxContainer,
  { process, files, consoleSocket, stdioIsTerminal }: ExecRequest,
  runtime: Runtime,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  const terminal = consoleArguments(process.terminal, consoleSocket);
  const document = `${name}.json`;
  const plan =
    stdioIsTerminal === true
      ? withControllingTerminal(process, files, sandboxDirectory)
      : { process, files, close: () => undefined };
  try {
    write(document, toJson(plan.process));
    await runtime.run(
      'exec',
      [
        ...['--detach', '--pid-file', `${name}.pid`, '--process', document],
        ...terminal,
        ...fileArguments(plan.files),
      ],
      cid,
      signal,
      { files: plan.files },
    );
  } finally {
    plan.close();
    rmSync(document, { force: true });
  }
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text, { mode: 0o600 });
  } catch (error) {
    throw systemFailure('write', file, error);
  }
}

/** A killed runtime may have started its process already. Their ends are not told. */
function killStrays(pids: readonly number[]): void {
  for (const pid of straysAmong(pids)) {
    try {
      // A child of ours: until it is reaped, here and not before the next turn, the pid is nobody else's.
      processes.kill(pid, SIGKILL);
    } catch (error) {
      if (!isErrno(error, 'ESRCH')) throw error;
    }
  }
}
