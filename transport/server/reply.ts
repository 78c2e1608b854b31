/** Replies as bytes, the fields in the original's order. */
import { RunstateError, messageOf } from '../../errors/index.ts';
import { encode } from '../codec/index.ts';

/** What of an error of the catalogue goes over the wire. */
interface CatalogueError {
  readonly code: string;
  readonly phase: string | undefined;
  readonly params: unknown;
}

/** A method that has nothing to say answers `{}`. Throws TypeError when the result is no JSON. */
export function successReply(result: unknown): Buffer {
  const text = result === null || result === undefined ? '{}' : encode(result);
  return Buffer.from(`{"success":true,"err":"","result":${text}}`);
}

/**
 * An error. Of one of the catalogue its code, parameters and phase go along, in fields that clients of the original
 * ignore. Never throws: parameters that are no JSON are left out.
 */
export function errorReply(error: unknown): Buffer {
  const head = `{"success":false,"err":${encode(messageOf(error))},"result":null`;
  return Buffer.from(`${head}${error instanceof RunstateError ? details(error) : ''}}`);
}

function details(error: CatalogueError): string {
  const code = `,"code":${encode(error.code)}`;
  const phase = error.phase === undefined ? '' : `,"phase":${encode(error.phase)}`;
  return `${code}${phase},"params":${paramsText(error.params)}`;
}

/** A fault of ours in the making of an error must not be more than that error. */
function paramsText(params: unknown): string {
  try {
    return encode(params);
  } catch {
    return '{}';
  }
}
