import { failPoint, faultPoint } from '../../faults/fault-point.ts';
import {
  closeSync,
  ftruncateSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { RunstateError, messageOf } from '../../errors/index.ts';
import { encodeLine } from './line.ts';
import { journalVersion, type BeginRecord, type JournalRecord } from './record.ts';

export interface JournalOptions {
  readonly file: string;
  readonly sandbox: string;
  /** See {@link BeginRecord}. */
  readonly host: unknown;
  /** A file that is longer is begun anew, in bytes. */
  readonly limit?: number;
}

const usualLimit = 2 * 1024 * 1024;

/**
 * The append-only record of what a sandbox was asked, intended and did. It is written at once, by write(2): that
 * outlives this process, and containers do not outlive the kernel, so that nothing would be gained by waiting for a disk.
 */
export class Journal {
  readonly #options: JournalOptions;
  #fd: number | undefined;
  /** Of the whole records, in bytes. */
  #length: number;

  private constructor(options: JournalOptions, fd: number, length: number) {
    this.#options = options;
    this.#fd = fd;
    this.#length = length;
  }

  /** Begins a new one. @throws RunstateError JOURNAL */
  static create(options: JournalOptions): Journal {
    const fd = refused(options, () => openSync(options.file, 'ax', 0o600));
    return Journal.#begun(new Journal(options, fd, 0));
  }

  /** Goes on with one that another supervisor has written, without what of it is torn. @param length of the whole records, in bytes @throws RunstateError JOURNAL */
  static resume(options: JournalOptions, length: number): Journal {
    const fd = refused(options, () => openSync(options.file, 'a', 0o600));
    const journal = new Journal(options, fd, length);
    try {
      refused(options, () => ftruncateSync(fd, length));
    } catch (error) {
      journal.close();
      throw error;
    }
    return Journal.#begun(journal);
  }

  static #begun(journal: Journal): Journal {
    try {
      journal.append(journal.#begin());
      return journal;
    } catch (error) {
      journal.close();
      throw error;
    }
  }

  /** It has grown to where it is to be begun anew. */
  get isLong(): boolean {
    return this.#length > (this.#options.limit ?? usualLimit);
  }

  /** It is there, all of it or nothing. @throws RunstateError JOURNAL, as when the disk is full */
  append(record: JournalRecord): void {
    const fd = this.#fd;
    if (fd === undefined) return;
    const bytes = Buffer.from(encodeLine(record));
    refused(this.#options, () => {
      try {
        failPoint('journal.write');
        for (let written = 0; written < bytes.length;) written += writeSync(fd, bytes, written);
      } catch (error) {
        // What there is of it would be found in the middle, later.
        ftruncateSync(fd, this.#length);
        throw error;
      }
    });
    this.#length += bytes.length;
  }

  /**
   * Begins it anew, with what is to be known of all that was before: at one instant. The one before is kept as FILE.old, in
   * the place of the one before that. @throws RunstateError JOURNAL; then it goes on as it was
   */
  beginAnew(state: readonly JournalRecord[]): void {
    if (this.#fd === undefined) return;
    const { file } = this.#options;
    const draft = `${file}.new`;
    const text = [this.#begin(), ...state].map(encodeLine).join('');
    const fd = refused(this.#options, () => {
      try {
        writeFileSync(draft, text, { mode: 0o600 });
        failPoint('journal.anew');
        rmSync(`${file}.old`, { force: true });
        linkSync(file, `${file}.old`);
        failPoint('journal.linked');
        renameSync(draft, file);
        faultPoint('journal.renamed');
        return openSync(file, 'a');
      } catch (error) {
        rmSync(draft, { force: true });
        throw error;
      }
    });
    closeSync(this.#fd);
    this.#fd = fd;
    this.#length = Buffer.byteLength(text);
  }

  /** Idempotent; what is appended from then on is not kept. */
  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  #begin(): BeginRecord {
    const { sandbox, host } = this.#options;
    const supervisor = { pid: process.pid };
    return { type: 'begin', at: Date.now(), version: journalVersion, sandbox, supervisor, host };
  }
}

function refused<T>({ sandbox }: JournalOptions, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new RunstateError('JOURNAL', { id: sandbox, why: messageOf(cause) }, { cause });
  }
}
