import { RunstateError, messageOf } from '../../../errors/index.ts';
import { files, processes } from '../../../native/index.ts';
import type { SignalTarget } from '../../platform.ts';
import type { SandboxCgroups } from '../cgroups/index.ts';
import { containerPid, foregroundOf, hostPidOf } from '../proc/index.ts';
import { isErrno } from '../system-error.ts';
import type { LinuxContainer } from './linux-container.ts';

const SIGKILL = 9;
/** How long the processes of a container may take to stand still while all of them are signalled, in ms. */
const freezeTimeout = 5000;

/**
 * Delivers a signal; 0 only probes. SIGKILL kills a frozen container's init, and all of a frozen container.
 * @throws RunstateError SIGNAL_FAILED when there is no such process, or the kernel refuses
 */
export async function signalTarget(
  container: LinuxContainer,
  cgroups: SandboxCgroups,
  target: SignalTarget,
  signo: number,
): Promise<void> {
  const { cid } = container;
  const pid = 'pid' in target ? (target.pid ?? 0) : 0;
  try {
    switch (target.kind) {
      case 'init':
        signalInit(container, signo);
        if (signo === SIGKILL) await cgroups.letDie(cid);
        return;
      case 'process':
        await signalProcess(container, cgroups, target.pid, signo);
        return;
      case 'all':
        await signalEvery(container, cgroups, signo);
        return;
      case 'foreground':
        await signalForeground(container, cgroups, target.pid, signo);
        return;
    }
  } catch (error) {
    if (error instanceof RunstateError) throw error;
    const why = isErrno(error, 'ESRCH')
      ? 'no such process'
      : isErrno(error, 'EINVAL')
        ? 'invalid argument'
        : messageOf(error);
    throw new RunstateError('SIGNAL_FAILED', { cid, pid, why }, { cause: error });
  }
}

/** What init passes on goes to the program at once: so does SIGSTOP. The container ends with pid 1, at the latest. */
function signalInit({ init, program }: LinuxContainer, signo: number): void {
  if (init === undefined) throw noProcess();
  if (program === undefined || signo === SIGKILL || signo === 0) {
    init.signal(signo);
    return;
  }
  try {
    program.signal(signo);
  } catch (error) {
    // It has just ended, and its init is about to.
    if (!isErrno(error, 'ESRCH')) throw error;
    init.signal(signo);
  }
}

/** runstate-init would pass its own on, and the program have two. */
async function signalEvery(container: LinuxContainer, cgroups: SandboxCgroups, signo: number): Promise<void> {
  const { cid, program, initPid } = container;
  const except = program === undefined || signo === SIGKILL ? undefined : initPid;
  if ((await cgroups.signalAll(cid, signo, AbortSignal.timeout(freezeTimeout), except)) === 0)
    throw noProcess();
}

async function signalProcess(
  container: LinuxContainer,
  cgroups: SandboxCgroups,
  pid: number,
  signo: number,
): Promise<void> {
  const exec = container.execs.get(pid);
  if (exec !== undefined) {
    exec.signal(signo);
    return;
  }
  const hostPid = await hostPidOf(await cgroups.pids(container.cid), pid);
  if (hostPid === undefined) throw noProcess();
  const pidfd = processes.openPidfd(hostPid);
  try {
    // It could have ended meanwhile, and its number be another's.
    if ((await containerPid(hostPid)) !== pid) throw noProcess();
    processes.signalPidfd(pidfd, signo);
  } finally {
    files.close(pidfd);
  }
  if (signo === SIGKILL && hostPid === container.initPid) await cgroups.letDie(container.cid);
}

async function signalForeground(
  container: LinuxContainer,
  cgroups: SandboxCgroups,
  pid: number | undefined,
  signo: number,
): Promise<void> {
  const { cid } = container;
  const all = await cgroups.pids(cid);
  const main = container.program?.hostPid ?? container.initPid;
  const hostPid = pid === undefined ? main : await hostPidOf(all, pid);
  if (hostPid === undefined) throw noProcess();
  const group = await foregroundOf(all, hostPid);
  if (group.length === 0)
    throw new RunstateError('SIGNAL_FAILED', {
      cid,
      pid: pid ?? 0,
      why: 'no foreground process group: it has no controlling terminal',
    });
  let sent = 0;
  for (const one of group) sent += trySend(one, signo);
  if (sent === 0) throw noProcess();
}

function trySend(pid: number, signo: number): number {
  try {
    processes.kill(pid, signo);
    return 1;
  } catch (error) {
    if (isErrno(error, 'ESRCH')) return 0;
    throw error;
  }
}

const noProcess = (): Error =>
  Object.assign(new Error('no such process'), { code: 'ESRCH', syscall: 'kill' });
