import { existsSync } from 'node:fs';
import { RunstateError } from '../../../errors/index.ts';
import { failedSubject, tellingLines } from './telling-lines.ts';

/** What was tried, and the log that CRIU wrote of it. */
export interface CriuAttempt {
  readonly what: 'checkpoint' | 'restore';
  readonly log: string;
}

/** What a runtime that failed raises: it says no more of CRIU than that it failed, and where its log is. */
const runtimeCodes: readonly unknown[] = ['RUNTIME_FAILED', 'COMMAND_NOT_FOUND', 'COMMAND_NOT_EXECUTABLE'];
/** runc's words, which name a log that nobody finds any more. */
const pointer = /criu failed: type \w+ errno \d+\s*(?:log file: \S+)?/;
/** runc's words for that CRIU has gone without an answer. */
const unanswered = /read unixpacket .*$/s;
/** What was killed has told no reason in its log: what is there, others said when it had gone. */
const killed = /was ended(?: by SIG\w+|, as )|read unixpacket /;

/**
 * What made a checkpoint or restore fail, by CRIU's log, and by the runtime's words where CRIU had not begun. Whatever
 * else happened (it was cancelled, there is no runtime) is given back as it is. @throws SystemError when the log cannot be read
 */
export function criuFailure({ what, log }: CriuAttempt, error: unknown): unknown {
  if (!(error instanceof RunstateError) || !runtimeCodes.includes(error.code)) return error;
  const found = tellingLines(log);
  const [cause = said(error.message), ...lines] = killed.test(error.message)
    ? [said(error.message), ...found]
    : found;
  const begun = what === 'checkpoint' ? 'dump' : what;
  const phase = failedSubject(log) ?? (existsSync(log) ? begun : 'prepare');
  const params = { phase, cause, lines: lines.join('; ') };
  return new RunstateError(what === 'checkpoint' ? 'CHECKPOINT_FAILED' : 'RESTORE_FAILED', params, {
    cause: error,
  });
}

const said = (message: string): string =>
  message
    .replace(pointer, 'CRIU ended, and its log tells no error')
    .replace(unanswered, 'CRIU ended without an answer')
    .replaceAll('\n', ' ')
    .replace(/[:\s]+$/, '');
