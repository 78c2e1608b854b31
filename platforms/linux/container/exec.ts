import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RunstateError } from '../../../errors/index.ts';
import type { ExecRequest, StartedProcess } from '../../platform.ts';
import { cancelled } from '../cancelled.ts';
import { containerPid } from '../proc/index.ts';
import { withControllingTerminal } from '../process/controlling-terminal.ts';
import { ExitWatch } from '../process/exit-watch.ts';
import { expectProcess } from '../process/reaper.ts';
import type { Runtime } from '../runc/runtime.ts';
import { isErrno, systemFailure } from '../system-error.ts';
import { consoleArguments, fileArguments } from './console-arguments.ts';
import { toJson } from './create.ts';
import type { LinuxContainer } from './linux-container.ts';
import { findPid, readPid } from './pid-file.ts';

const SIGKILL = 9;

/**
 * Starts another process, and has its end told. One that was started all the same when `signal` was aborted is killed.
 * @throws RunstateError as Runtime.run; SYSTEM, MISSING_ARGUMENT
 */
export async function execByRuntime(
  container: LinuxContainer,
  request: ExecRequest,
  runtime: Runtime,
  signal: AbortSignal,
): Promise<StartedProcess> {
  const name = join(container.directory, container.nextName('exec'));
  const pidFile = `${name}.pid`;
  const expected = expectProcess(pidFile);
  try {
    await start(container, request, runtime, name, signal);
    if (signal.aborted) throw cancelled('exec', container.cid, signal);
    const hostPid = readPid(pidFile);
    const pid = await pidOf(hostPid);
    container.watchExec(pid, hostPid);
    return { pid, hostPid };
  } catch (error) {
    killStarted(pidFile);
    throw error;
  } finally {
    expected();
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
      plan.files,
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

/** The process that a runtime had started when it was killed; it is our child, so the pid is nobody else's. Its end is not told. */
function killStarted(pidFile: string): void {
  const hostPid = findPid(pidFile);
  if (hostPid === undefined) return;
  try {
    new ExitWatch(hostPid, () => undefined).signal(SIGKILL);
  } catch (error) {
    if (!isErrno(error, 'ESRCH')) throw error;
  }
}
