import { Worker } from 'node:worker_threads';
import { blockedMessage, type Blocked, type LogPlace, type WatcherData } from './messages.ts';
import type { Logger } from '../../../log/logger.ts';
import { LagHistogram } from './lag.ts';

export interface WatchedLoopOptions {
  /** Ms between two beats. */
  readonly beat: number;
  /** Ms for which a loop has not turned that is blocked. */
  readonly blocked: number;
  readonly log: Logger;
  /** The same log, for the thread that watches. */
  readonly place: LogPlace;
  /** At each beat. */
  readonly onBeat: () => void;
  /** It was blocked, and turns again. @param until milliseconds since the Unix epoch */
  readonly onBlocked: (blocked: Blocked, until: number) => void;
}

/** Of MiB: what the thread needs is little, and each supervisor has one. */
const thread = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 };

/**
 * This process's event loop, which beats: by that its lag is known, and a thread beside it sees when it does not turn. Keeps
 * nothing alive.
 */
export class WatchedLoop implements AsyncDisposable {
  readonly lag = new LagHistogram();
  readonly #options: WatchedLoopOptions;
  readonly #beats = new SharedArrayBuffer(8);
  readonly #beat = new BigInt64Array(this.#beats);
  readonly #timer: NodeJS.Timeout;
  readonly #watcher: Worker;
  /** When the next beat is due, by performance.now(). */
  #due: number;
  /** The last beat that came late enough to have been noticed: when it was to be, and when it was. */
  #late = { since: 0, until: 0 };
  #isOver = false;

  /** Begins. */
  constructor(options: WatchedLoopOptions) {
    this.#options = options;
    const { beat, blocked, place } = options;
    Atomics.store(this.#beat, 0, BigInt(Date.now()));
    this.#due = performance.now() + beat;
    this.#timer = setInterval(() => this.#tick(), beat).unref();
    // A beat is due in each look; one that is missing for so many is late by that.
    const looks = Math.ceil(blocked / beat) + 1;
    const data: WatcherData = { beats: this.#beats, interval: beat, looks, log: place };
    this.#watcher = new Worker(new URL('./watcher.js', import.meta.url), {
      ...{ workerData: data, resourceLimits: thread, execArgv: [], name: 'watchdog' },
    });
    this.#watcher.on('message', (message: Blocked) => this.#turnsAgain(message));
    this.#watcher.on('error', (cause) => options.log.error('nobody watches the event loop', { cause }));
    this.#watcher.on('exit', (code) => {
      if (!this.#isOver && code === 0) options.log.error('nobody watches the event loop', { code });
    });
    // After the listeners, which would keep it alive.
    this.#watcher.unref();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    clearInterval(this.#timer);
    await this.#watcher.terminate();
  }

  #tick(): void {
    const now = performance.now();
    const late = Math.max(0, now - this.#due);
    const { beat, onBeat } = this.#options;
    const at = Date.now();
    Atomics.store(this.#beat, 0, BigInt(at));
    this.lag.observe(late / 1000);
    if (late > beat) this.#late = { since: at - late, until: at };
    this.#due = now + beat;
    onBeat();
  }

  #turnsAgain(blocked: Blocked): void {
    const { log, onBlocked } = this.#options;
    const until = this.#late.until >= blocked.noticed ? this.#late.until : Date.now();
    const { since, stack, kernel, unwritten } = blocked;
    if (unwritten !== undefined)
      log.error(blockedMessage, {
        ...{ alarm: 'event-loop', since: new Date(since).toISOString(), stack, kernel },
        why: `it could not be written at once: ${unwritten}`,
      });
    onBlocked(blocked, until);
  }
}
