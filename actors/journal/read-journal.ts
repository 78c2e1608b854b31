import { readFileSync } from 'node:fs';
import { RunstateError, messageOf } from '../../errors/index.ts';
import { isErrno } from '../run-directory/is-errno.ts';
import { imageOf } from './image.ts';
import { decodeLine } from './line.ts';
import { journalVersion, type JournalRecord } from './record.ts';
import { checkRecord } from './schema.ts';

export interface ReadJournal {
  readonly records: readonly JournalRecord[];
  /** Of the whole records, in bytes: what comes after was being written when the supervisor died. */
  readonly length: number;
  /** Of what comes after. */
  readonly torn: number;
}

export interface ScannedJournal extends ReadJournal {
  /** What is wrong in the middle: the records are those before it. */
  readonly damage: RunstateError | undefined;
}

/**
 * Reads a sandbox's journal. The last record may be torn; nothing else may be wrong with it.
 * @throws RunstateError JOURNAL_MISSING; JOURNAL_DAMAGED, with the line; JOURNAL_VERSION; SYSTEM when it cannot be read
 */
export function readJournal(file: string): ReadJournal {
  const { damage, ...read } = scanJournal(file);
  if (damage !== undefined) throw damage;
  return read;
}

/** The same as far as it can be read. @throws RunstateError JOURNAL_MISSING, JOURNAL_VERSION, SYSTEM */
export function scanJournal(file: string): ScannedJournal {
  const bytes = read(file);
  const records: JournalRecord[] = [];
  let damage: RunstateError | undefined;
  let length = 0;
  for (let line = 1; length < bytes.length; line++) {
    const end = bytes.indexOf(0x0a, length);
    if (end < 0) break;
    let record: JournalRecord;
    try {
      record = checkRecord(decodeLine(bytes.toString('utf8', length, end)));
      if (line === 1 && record.type !== 'begin') throw new Error('it does not begin as a journal does');
    } catch (error) {
      // A write that was torn by a full disk may have been followed by nothing but its own rest.
      if (end < bytes.length - 1)
        damage = new RunstateError(
          'JOURNAL_DAMAGED',
          { file, line, why: messageOf(error) },
          { cause: error },
        );
      break;
    }
    if (record.type === 'begin' && record.version !== journalVersion)
      throw new RunstateError('JOURNAL_VERSION', { file, found: record.version, known: journalVersion });
    records.push(record);
    length = end + 1;
  }
  if (records.length === 0 && damage === undefined)
    throw new RunstateError('JOURNAL_MISSING', { file, why: 'nothing whole is in it' });
  return { records, length, torn: bytes.length - length, damage };
}

/**
 * How the supervisor that wrote a journal last hosted its sandbox, as it said itself.
 * @throws RunstateError as readJournal
 */
export function readHost(file: string): unknown {
  return imageOf(readJournal(file).records).host;
}

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    if (isErrno(error, 'ENOENT'))
      throw new RunstateError('JOURNAL_MISSING', { file, why: 'it is not there' }, { cause: error });
    throw new RunstateError('SYSTEM', { call: 'read', what: file, why: messageOf(error) }, { cause: error });
  }
}
