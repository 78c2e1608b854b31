import { readFileSync } from 'node:fs';
import { Watch, files, processes } from '../../../native/index.ts';
import { fromWaitStatus, type ExitStatus } from '../../exit-status.ts';
import { isErrno } from '../system-error.ts';
import { watchedBySomebody } from './reaper.ts';

/** How long the kernel may take to let a status be known after a process that is not our child has ended, in ms. */
const looks = [0, 1, 5, 20, 100, 500];

export interface ExitWatchOptions {
  /** Of that process, if there is one already; its owner is the watch from now on. */
  readonly pidfd?: number;
  /** It is a runstate-init, whose name at its end is the wait status of its program. */
  readonly speaksForAnother?: boolean;
  /** The wait status of that program by a handle of its own, where there is one: for whom is not its parent. */
  readonly spokenFor?: () => number | undefined;
}

/**
 * Waits for the end of one process by its pidfd, and reaps it when it is a child of ours. Nobody else's child is
 * touched: not even Node's own.
 */
export class ExitWatch {
  readonly hostPid: number;
  readonly #pidfd: number;
  readonly #watch: Watch;
  readonly #onExit: (status: ExitStatus) => void;
  readonly #unwatched: () => void;
  readonly #speaksForAnother: boolean;
  readonly #spokenFor: () => number | undefined;
  #isClosed = false;

  /**
   * Calls back once, in a later turn of the event loop, so never before whoever started the process knows of it.
   * @throws SystemError ESRCH when there is no such process
   */
  constructor(hostPid: number, onExit: (status: ExitStatus) => void, options: ExitWatchOptions = {}) {
    this.hostPid = hostPid;
    this.#onExit = onExit;
    this.#pidfd = options.pidfd ?? processes.openPidfd(hostPid);
    this.#speaksForAnother = options.speaksForAnother ?? false;
    this.#spokenFor = options.spokenFor ?? (() => undefined);
    this.#unwatched = watchedBySomebody(hostPid);
    this.#watch = new Watch(this.#pidfd, {
      readable: () => {
        this.#watch.want({});
        void this.#ended();
      },
    });
    this.#watch.want({ readable: true });
  }

  /** Sends it a signal; 0 only probes. @throws SystemError ESRCH when it has ended and been reaped */
  signal(signo: number): void {
    if (this.#isClosed) throw Object.assign(new Error('no such process'), { code: 'ESRCH', syscall: 'kill' });
    processes.signalPidfd(this.#pidfd, signo);
  }

  /** Stops looking. Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#unwatched();
    this.#watch.close();
    files.close(this.#pidfd);
  }

  async #ended(): Promise<void> {
    const status = await this.#status();
    if (this.#isClosed) return;
    this.close();
    this.#onExit(status);
  }

  async #status(): Promise<ExitStatus> {
    const told = this.#speaksForAnother ? this.#zombie()?.told : undefined;
    try {
      const status = processes.waitPidfd(this.#pidfd);
      if (status !== undefined) return fromWaitStatus(told ?? status);
    } catch (error) {
      if (!isErrno(error, 'ECHILD')) throw error;
    }
    // Somebody else's child. A zombie shows how it ended; of one that was reaped the kernel may have kept it.
    for (const delay of looks) {
      await new Promise((resolve) => setTimeout(resolve, delay));
      if (this.#isClosed) break;
      const status =
        told ?? this.#spokenFor() ?? this.#zombie()?.status ?? processes.pidfdExitStatus(this.#pidfd);
      if (status !== undefined) return fromWaitStatus(status);
    }
    return { kind: 'unknown', why: 'it was no child of the supervisor, and this kernel keeps no statuses' };
  }

  /** The exit_code of proc_pid_stat(5), a wait status, and what its name tells. Undefined when it is no zombie, or no longer there. */
  #zombie(): { readonly status: number; readonly told: number | undefined } | undefined {
    try {
      const text = readFileSync(`/proc/${this.hostPid}/stat`, 'latin1').trimEnd();
      const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
      // Throws when it has been reaped: then what was read may be another's.
      processes.signalPidfd(this.#pidfd, 0);
      if (fields[0] !== 'Z') return undefined;
      const told = /\(rs-exit:(\d+)\) Z /.exec(text)?.[1];
      return { status: Number(fields[49]), told: told === undefined ? undefined : Number(told) };
    } catch (error) {
      if (isErrno(error, 'ENOENT', 'ESRCH')) return undefined;
      throw error;
    }
  }
}
