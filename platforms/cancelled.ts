import { RunstateError, isRunstateError } from '../errors/index.ts';

/** A look at it now: the compiler takes an earlier one for settled. */
export const isAborted = (signal: AbortSignal): boolean => signal.aborted;

/** What is thrown when a caller's signal has ended some work: its reason if that is of the catalogue, else CANCELLED. */
export function cancelled(verb: string, cid: string, { reason }: AbortSignal): RunstateError {
  if (isRunstateError(reason)) return reason;
  return new RunstateError('CANCELLED', { verb, kind: 'container', id: cid }, { cause: reason });
}
