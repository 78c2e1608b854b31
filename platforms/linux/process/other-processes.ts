import { setTimeout as after } from 'node:timers/promises';
import type { ExitStatus } from '../../exit-status.ts';
import { ExitWatch } from './exit-watch.ts';

/** Processes that this platform did not start, and that somebody waits for: each looked at once, however many wait. */
export class OtherProcesses {
  readonly #watches = new Map<number, Waited>();

  /**
   * Resolves when that process has ended.
   * @param isStill looks whether that pid is still the process that was meant, now that it cannot become another's
   * @throws SystemError ESRCH when it has gone
   */
  async wait(hostPid: number, isStill: () => Promise<boolean>): Promise<ExitStatus> {
    const known = this.#watches.get(hostPid);
    if (known !== undefined) return known.ended;
    const { promise, resolve } = withResolvers();
    const watch = new ExitWatch(hostPid, (status) => {
      if (this.#watches.get(hostPid)?.watch === watch) this.#watches.delete(hostPid);
      resolve(status);
    });
    this.#watches.set(hostPid, { watch, ended: promise, resolve });
    if (await isStill()) return promise;
    watch.close();
    this.#watches.delete(hostPid);
    throw Object.assign(new Error('no such process'), { code: 'ESRCH', syscall: 'pidfd_open' });
  }

  /** Resolves when all have ended, at the latest after `ms`. */
  async settle(ms: number): Promise<void> {
    if (this.#watches.size === 0) return;
    const ended = Promise.all([...this.#watches.values()].map((one) => one.ended));
    const timeout = new AbortController();
    await Promise.race([ended, after(ms, undefined, { signal: timeout.signal }).catch(() => undefined)]);
    timeout.abort();
  }

  /** Stops looking: how those ended that have not is not known. Idempotent. */
  close(): void {
    for (const { watch, resolve } of this.#watches.values()) {
      watch.close();
      resolve({ kind: 'unknown', why: 'its container was destroyed before its end was seen' });
    }
    this.#watches.clear();
  }
}

interface Waited {
  readonly watch: ExitWatch;
  readonly ended: Promise<ExitStatus>;
  readonly resolve: (status: ExitStatus) => void;
}

function withResolvers(): { promise: Promise<ExitStatus>; resolve: (status: ExitStatus) => void } {
  let resolve: (status: ExitStatus) => void = () => undefined;
  const promise = new Promise<ExitStatus>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
