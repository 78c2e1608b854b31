/** What goes wrong below, as errors of the catalogue. */
import { RunstateError, isRunstateError, messageOf } from '../../errors/index.ts';
import { isSystemError } from '../../native/index.ts';

const full = ['ENOSPC', 'EDQUOT', 'EFBIG'];
// ENXIO: a pipe without a reader was opened once more.
const gone = ['EPIPE', 'ECONNRESET', 'ENXIO'];

/** Of a write to the statefile. */
export function writeError(cause: unknown, offset: number): unknown {
  if (isSystemError(cause)) {
    if (full.includes(cause.code))
      return new RunstateError('STATEFILE_NO_SPACE', { offset, why: cause.message }, { cause });
    if (gone.includes(cause.code)) return new RunstateError('STATEFILE_READER_GONE', { offset }, { cause });
  }
  return systemError(cause, 'write', 'the statefile');
}

/** Of any other call. What no call of the system has failed with stays as it is: a signal's reason, a caller's own. */
export function systemError(cause: unknown, call: string, what: string): unknown {
  if (isRunstateError(cause) || !isSystemError(cause)) return cause;
  return new RunstateError('SYSTEM', { call, what, why: messageOf(cause) }, { cause });
}
