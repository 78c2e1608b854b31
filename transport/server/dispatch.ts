/** From a request to the handler's reply. */
import { RunstateError } from '../../errors/index.ts';
import { DecodeError, string, struct, untouched } from '../decode/index.ts';
import type { WireValue } from '../codec/index.ts';
import { isMethodName, methods, type Arg, type Method, type MethodName } from '../methods/index.ts';
import type { RunningCall } from './call.ts';
import type { Handlers, Reply } from './handler.ts';

export interface Request {
  /** Any text: whether there is such a method is not known yet. */
  readonly method: string;
  /** undefined: the field is missing, which is not the same as null. */
  readonly arg: WireValue | undefined;
}

const envelope = struct<Request>({ method: string, arg: untouched });

/** The envelope of a request; a PROTOCOL error when it is none: the connection cannot go on then. */
export function readRequest(value: WireValue): Request | RunstateError<'PROTOCOL'> {
  try {
    return envelope.decode(value);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    const why = `no request: ${error.path === '' ? '' : `${error.path}: `}${error.why}`;
    return new RunstateError('PROTOCOL', { why }, { cause: error });
  }
}

/** The name, when there is a handler for it; a name that only others answer is unknown here. Throws UNKNOWN_METHOD. */
export function findMethod(name: string, handlers: Handlers): MethodName {
  if (isMethodName(name) && handlers[name] !== undefined) return name;
  throw new RunstateError('UNKNOWN_METHOD', { method: name });
}

/**
 * Decodes the argument, checks the files and runs the handler. Throws or rejects with what is wrong: BAD_ARGUMENT,
 * MISSING_ARGUMENT, FILES, or what the handler throws.
 */
export function invoke<M extends MethodName>(
  method: M,
  arg: WireValue | undefined,
  call: RunningCall,
  handlers: Handlers,
): Reply<M> | Promise<Reply<M>> {
  const handler = handlers[method];
  if (handler === undefined) throw new RunstateError('UNKNOWN_METHOD', { method });
  const definition = methods[method];
  const decoded = decodeArg(method, definition, arg);
  checkFiles(method, definition, decoded, call.files.length);
  return handler(decoded, call);
}

function decodeArg<M extends MethodName>(
  method: M,
  definition: Method<M>,
  arg: WireValue | undefined,
): Arg<M> {
  // The original's words: there an empty text is given to the JSON decoder.
  if (arg === undefined)
    throw new RunstateError('MISSING_ARGUMENT', { what: 'unexpected end of JSON input' });
  try {
    return definition.arg.decode(arg);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new RunstateError('BAD_ARGUMENT', { method, path: error.path, why: error.why }, { cause: error });
  }
}

function checkFiles<M extends MethodName>(
  method: M,
  definition: Method<M>,
  arg: Arg<M>,
  files: number,
): void {
  definition.check?.(arg, files);
  const { least, most } = definition.files ?? { least: 0, most: 0 };
  if (files >= least && files <= most) return;
  const wanted = least === most ? String(most) : `${least} to ${most}`;
  throw new RunstateError('FILES', { what: `${method} takes ${wanted} files, ${files} came` });
}
