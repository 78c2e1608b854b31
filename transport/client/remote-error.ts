import { RunstateError, catalogue, type ErrorCode } from '../../errors/index.ts';
import type { Json } from '../decode/index.ts';

/** What the server says is wrong. The message is the server's, word for word. */
export class RemoteError extends RunstateError<'REMOTE'> {
  /** The catalogue's code for it; a server that is not runstate sends none. */
  readonly remoteCode: ErrorCode | undefined;
  /** What the catalogue's sentence was made of, e.g. `{ id: 'c1' }`. */
  readonly remoteParams: Json;

  constructor(
    method: string,
    message: string,
    details: { readonly code: string; readonly phase: string; readonly params: Json },
  ) {
    super('REMOTE', { method, message }, details.phase === '' ? {} : { phase: details.phase });
    this.remoteCode = isErrorCode(details.code) ? details.code : undefined;
    this.remoteParams = details.params;
  }

  override get exitCode(): number {
    return this.remoteCode === undefined ? super.exitCode : catalogue[this.remoteCode].exitCode;
  }
}

/** The catalogue's code of any error, whether it was raised here or by the server. */
export function errorCodeOf(error: unknown): ErrorCode | undefined {
  if (error instanceof RemoteError && error.remoteCode !== undefined) return error.remoteCode;
  if (!(error instanceof RunstateError)) return undefined;
  const code: unknown = error.code;
  return typeof code === 'string' && isErrorCode(code) ? code : undefined;
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(catalogue, code);
}
