import { messageOf } from '../../errors/index.ts';
import type { Logger } from '../../log/logger.ts';
import type { Observation, StepObservation } from '../../observation/types.ts';
import type { Journal } from './journal.ts';
import type { ChartRecord, JournalRecord } from './record.ts';

/**
 * What has to be possible whatever the disk says: it undoes. All else that the platform does is refused while its intent
 * cannot be written.
 */
const undoes: ReadonlySet<string> = new Set(['destroy', 'thaw', 'signal']);

/** Keeps a sandbox's journal: what is the same as before is not written again. */
export class JournalKeeper {
  readonly #journal: Journal;
  readonly #log: Logger;
  /** All charts as they are, for a journal that is begun anew. */
  readonly #state: () => readonly JournalRecord[];
  readonly #last = new Map<string, string>();
  /** Something could not be written: before the next intent all is. */
  #isBehind = false;

  constructor(journal: Journal, log: Logger, state: () => readonly JournalRecord[]) {
    this.#journal = journal;
    this.#log = log;
    this.#state = state;
  }

  /** Where a chart is now. Never throws: what cannot be written is made up for before the next intent. */
  chart(record: ChartRecord): void {
    const key = keyOf(record);
    const shown = JSON.stringify({ ...record, at: 0 });
    if (this.#last.get(key) === shown) return;
    this.#last.set(key, shown);
    if (isOver(record)) this.#last.delete(key);
    this.#write(record);
    if (this.#journal.isLong) this.#catchUp();
  }

  /** Nothing is left of a container. Never throws. */
  forgotten(id: string): void {
    for (const key of this.#last.keys()) if (key.startsWith(`${id}/`)) this.#last.delete(key);
    this.#write({ type: 'forgotten', at: Date.now(), id });
  }

  /** What an observer is told, to be read later. Never throws. */
  observed(what: Observation): void {
    this.#write({ type: 'observed', what });
  }

  /** Before the platform does something. @throws RunstateError JOURNAL: then it must not be done */
  intend(step: StepObservation): void {
    const record: JournalRecord = { type: 'observed', what: step };
    if (undoes.has(step.name)) {
      this.#write(record);
      return;
    }
    if (this.#isBehind) this.#beginAnew();
    this.#journal.append(record);
  }

  /** Writes no more. Idempotent. */
  close(): void {
    this.#journal.close();
  }

  #write(record: JournalRecord): void {
    try {
      this.#journal.append(record);
    } catch (error) {
      if (!this.#isBehind) this.#log.error('the journal is behind', { cause: messageOf(error) });
      this.#isBehind = true;
    }
  }

  #catchUp(): void {
    try {
      this.#beginAnew();
    } catch (error) {
      this.#log.warn('the journal is not made shorter', { cause: messageOf(error) });
    }
  }

  #beginAnew(): void {
    this.#journal.beginAnew(this.#state());
    this.#isBehind = false;
  }
}

const keyOf = ({ kind, id, pid }: ChartRecord): string =>
  kind === 'sandbox' ? 'sandbox' : `${id}/${pid ?? ''}`;

const isOver = ({ kind, path }: ChartRecord): boolean => kind === 'process' && path === 'reaped';
