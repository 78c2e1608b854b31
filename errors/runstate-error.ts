import { catalogue, type ErrorCode, type ErrorParams } from './catalogue.ts';

/** An error of the catalogue. `cause` is what was caught below; `phase` tells where in a longer operation it was. */
export class RunstateError<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'RunstateError';
  readonly code: C;
  readonly params: ErrorParams<C>;
  /** The step of a longer operation, e.g. `freeze` of a pause. */
  readonly phase: string | undefined;

  constructor(code: C, params: ErrorParams<C>, options: { cause?: unknown; phase?: string } = {}) {
    super(format(code, params), 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.params = params;
    this.phase = options.phase;
  }

  /** What the command line exits with when this error ends it. */
  get exitCode(): number {
    return catalogue[this.code].exitCode;
  }
}

function format<C extends ErrorCode>(code: C, params: ErrorParams<C>): string {
  const entry: { message(params: ErrorParams<C>): string } = catalogue[code];
  return entry.message(params);
}

/** The sentence of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** True for an error of that code; narrows the type. */
export function isError<C extends ErrorCode>(error: unknown, code: C): error is RunstateError<C> {
  return error instanceof RunstateError && error.code === code;
}

/** True for any error of the catalogue. */
export function isRunstateError(error: unknown): error is RunstateError {
  return error instanceof RunstateError;
}
