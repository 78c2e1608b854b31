import { RunstateError } from '../../errors/index.ts';
import { BrokenPipeError } from '../output/print.ts';

/** An error with an exit code of its own, e.g. because a signal has ended the command. */
export class ExitError extends Error {
  override readonly name = 'ExitError';
  readonly exitCode: number;

  constructor(exitCode: number, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.exitCode = exitCode;
  }
}

/** What the command line ends with when this was thrown: as runc, 126 and 127 for commands, 1 for the rest. */
export function exitCodeOf(error: unknown): number {
  return error instanceof RunstateError || error instanceof ExitError || error instanceof BrokenPipeError
    ? error.exitCode
    : 1;
}
