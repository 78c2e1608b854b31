import { files, processes } from '../../../native/index.ts';

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

  /** @throws SystemError ESRCH when it has ended and been reaped */
  signal(signo: number): void {
    if (this.#isClosed) throw Object.assign(new Error('no such process'), { code: 'ESRCH', syscall: 'kill' });
    processes.signalPidfd(this.#pidfd, signo);
  }

  /** Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    files.close(this.#pidfd);
  }
}
