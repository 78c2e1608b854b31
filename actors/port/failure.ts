import { RunstateError, isRunstateError, messageOf } from '../../errors/index.ts';
import type { FailureReason } from '../../machines/replies.ts';
import { phrase } from './refusal.ts';

export interface Failed {
  readonly kind: string;
  readonly id: string;
  readonly verb: string;
}

/** The error that a chart's failure is told with. An error of the catalogue comes through unchanged. */
export function failure(
  { kind, id, verb }: Failed,
  reason: FailureReason,
  deadlines: Readonly<Record<string, number>>,
): RunstateError {
  const asked = { kind, id, verb: phrase(verb) };
  switch (reason.kind) {
    case 'failed':
      return isRunstateError(reason.cause)
        ? reason.cause
        : new RunstateError(
            'OPERATION_FAILED',
            { ...asked, why: messageOf(reason.cause) },
            { cause: reason.cause },
          );
    case 'deadline':
      return new RunstateError(
        'DEADLINE',
        { ...asked, ms: deadlines[reason.state] ?? 0 },
        { phase: reason.state },
      );
    case 'overtaken':
      return new RunstateError('OPERATION_FAILED', { ...asked, why: `a ${reason.by} came in between` });
    case 'saved':
      return new RunstateError('CHECKPOINTED', asked);
    case 'ended':
      return new RunstateError('OPERATION_FAILED', { ...asked, why: 'its program has ended' });
  }
}
