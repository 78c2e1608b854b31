import { files, processes } from '../../../native/index.ts';
import { containerPid, readStat } from '../proc/index.ts';
import { isErrno } from '../system-error.ts';

/** A container's program where its pid 1 is runstate-init. Its end is told by the end of pid 1. */
export class Program {
  /** In the container's own numbering. */
  readonly pid: number;
  readonly hostPid: number;
  readonly #pidfd: number;
  #isClosed = false;

  /** @param pidfd its owner is this from now on */
  constructor(pid: number, hostPid: number, pidfd: number) {
    this.pid = pid;
    this.hostPid = hostPid;
    this.#pidfd = pidfd;
  }

  /** The child that runstate-init has started as the container's program: its first. Undefined when there is none. @throws SystemError */
  static async find(initPid: number, pids: readonly number[]): Promise<Program | undefined> {
    const found: Program[] = [];
    for (const hostPid of pids) {
      const pidfd = openIfThere(hostPid);
      if (pidfd === undefined) continue;
      const pid = await containerPid(hostPid);
      if (pid !== undefined && (await readStat(hostPid))?.ppid === initPid)
        found.push(new Program(pid, hostPid, pidfd));
      else files.close(pidfd);
    }
    found.sort((a, b) => a.pid - b.pid);
    for (const other of found.slice(1)) other.close();
    return found[0];
  }

  /** @throws SystemError ESRCH when it has ended and been reaped */
  signal(signo: number): void {
    if (this.#isClosed) throw Object.assign(new Error('no such process'), { code: 'ESRCH', syscall: 'kill' });
    processes.signalPidfd(this.#pidfd, signo);
  }

  /** Its wait status, where the kernel has kept it; undefined while it runs. @throws SystemError */
  exitStatus(): number | undefined {
    return this.#isClosed ? undefined : processes.pidfdExitStatus(this.#pidfd);
  }

  /** Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    files.close(this.#pidfd);
  }
}

function openIfThere(hostPid: number): number | undefined {
  try {
    return processes.openPidfd(hostPid);
  } catch (error) {
    if (isErrno(error, 'ESRCH')) return undefined;
    throw error;
  }
}
