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

/**
 * What made a checkpoint or restore fail, by CRIU's log, and by the runtime's words where CRIU had not begun. Whatever
 * else happened (it was cancelled, there is no runtime) is given back as it is. @throws SystemError when the log cannot be read
 */
export function criuFailure({ what, log }: CriuAttempt, error: unknown): unknown {
  if (!(error instanceof RunstateError) || !runtimeCodes.includes(error.code)) return error;
  const [cause, ...lines] = tellingLines(log);
  const params =
    cause === undefined
      ? { phase: 'prepare', cause: said(error.message), lines: '' }
      : {
          phase: failedSubject(log) ?? (what === 'checkpoint' ? 'dump' : what),
          cause,
          lines: lines.join('; '),
        };
  return new RunstateError(what === 'checkpoint' ? 'CHECKPOINT_FAILED' : 'RESTORE_FAILED', params, {
    cause: error,
  });
}

const said = (message: string): string =>
  message.replace(pointer, 'CRIU ended, and its log tells no error').replaceAll('\n', ' ').trim();
