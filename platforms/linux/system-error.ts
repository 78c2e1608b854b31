import { RunstateError, isRunstateError, messageOf } from '../../errors/index.ts';
import { isSystemError } from '../../native/index.ts';

/** True for one of these errors of the operating system. */
export function isErrno(error: unknown, ...codes: readonly string[]): boolean {
  return isSystemError(error) && codes.includes(error.code);
}

/** What the operating system refused, as an error of the catalogue; one that is already is given back. */
export function systemFailure(call: string, what: string, error: unknown): RunstateError {
  if (isRunstateError(error)) return error;
  return new RunstateError('SYSTEM', { call, what, why: messageOf(error) }, { cause: error });
}
