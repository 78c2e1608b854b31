import { failPoint } from '../../../faults/fault-point.ts';
import { rmSync } from 'node:fs';
import { files } from '../../../native/index.ts';
import type { StartedProcess } from '../../platform.ts';
import { cancelled, isAborted } from '../../cancelled.ts';
import { Handover, throughHelper, type Handed } from '../init/index.ts';
import { hostPidOf } from '../proc/index.ts';
import { expectProcess, reapNamed } from '../process/reaper.ts';
import { signalPidfdIfThere } from '../process/signal-if-there.ts';
import { execPidFile, type ExecWork } from './exec-work.ts';
import type { StartedExec } from './linux-container.ts';
import { withFile } from './console-arguments.ts';
import { killStrays } from './strays.ts';

const SIGKILL = 9;

/**
 * Starts a process as a child of the container's pid 1, by runstate-init, which the runtime runs for a moment in its
 * place. @param helper where the container sees it
 * @throws RunstateError as Runtime.run; COMMAND_NOT_FOUND, COMMAND_NOT_EXECUTABLE, SYSTEM, MISSING_ARGUMENT
 */
export async function execInside(
  work: ExecWork,
  helper: string,
  signal: AbortSignal,
): Promise<StartedProcess> {
  const { container } = work;
  const pidFile = execPidFile(work);
  const expected = expectProcess(pidFile);
  let isFailed = false;
  try {
    const handed = await start(work, helper, signal);
    if (isAborted(signal)) {
      discard(handed);
      throw cancelled('exec', container.cid, signal);
    }
    container.watchExec({ ...named(work, handed), isKept: true });
    return { pid: handed.pid, hostPid: handed.hostPid };
  } catch (error) {
    isFailed = true;
    throw error;
  } finally {
    // The helper has done its work: it would count as a process of the container, and keep its pid 1 from ending.
    await reapNamed(pidFile, !isFailed);
    expected();
    if (isFailed) killStrays(await work.pids());
    rmSync(pidFile, { force: true });
  }
}

const named = (work: ExecWork, handed: Handed): StartedExec =>
  isAtTerminal(work) ? { ...handed, stranger: commandOf(work) } : handed;

/** CRIU gives back one terminal of a container, which is its program's. */
const isAtTerminal = ({ request }: ExecWork): boolean =>
  request.process.terminal === true || request.stdioIsTerminal === true;

const commandOf = ({ request }: ExecWork): string => request.process.args?.[0] ?? '';

async function start(work: ExecWork, helper: string, signal: AbortSignal): Promise<Handed> {
  const { container, request, pids, run } = work;
  const { process, stdioIsTerminal } = request;
  const handover = new Handover();
  const close = (): void => handover.close();
  signal.addEventListener('abort', close, { once: true });
  try {
    const passed = withFile(request.files, handover.theirs);
    const find = async (pid: number): Promise<number | undefined> => hostPidOf(await pids(), pid);
    // Before it runs: so there never is one that whoever takes over would know nothing of.
    const keep = (handed: Handed): void => {
      failPoint('exec.handed');
      container.keepExec(named(work, handed));
      failPoint('exec.kept');
    };
    const meeting = handover.meet(process.args?.[0] ?? '', find, container.initPid ?? 0, keep);
    // Whatever it is that went wrong, the runtime's words come first.
    meeting.catch(() => undefined);
    try {
      await run(throughHelper(process, helper, passed.length - 1, stdioIsTerminal === true), passed);
    } catch (error) {
      handover.close();
      meeting.then(discard, () => undefined);
      throw error;
    }
    handover.letGo();
    return await meeting;
  } catch (error) {
    throw isAborted(signal) ? cancelled('exec', container.cid, signal) : error;
  } finally {
    signal.removeEventListener('abort', close);
    handover.close();
  }
}

function discard({ pidfd }: Handed): void {
  signalPidfdIfThere(pidfd, SIGKILL);
  files.close(pidfd);
}
