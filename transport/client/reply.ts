import { RunstateError } from '../../errors/index.ts';
import { DecodeError, boolean, json, string, struct, untouched, type Json } from '../decode/index.ts';
import type { WireValue } from '../codec/index.ts';
import { methods, type MethodName, type Result } from '../methods/index.ts';
import type { Message } from '../socket/message-socket.ts';
import { RemoteError } from './remote-error.ts';

interface Envelope {
  readonly success: boolean;
  readonly err: string;
  readonly result: WireValue | undefined;
  readonly code: string;
  readonly phase: string;
  readonly params: Json;
}

const envelope = struct<Envelope>({
  success: boolean,
  err: string,
  result: untouched,
  code: string,
  phase: string,
  params: json,
});

/** The result of a reply. Throws RemoteError for the server's error, PROTOCOL for what is no reply to that method. */
export function readReply<M extends MethodName>(method: M, message: Message): Result<M> {
  if (message.kind === 'tooLarge') throw new RunstateError('MESSAGE_TOO_LARGE', { limit: message.limit });
  try {
    const reply = envelope.decode(message.value);
    // An error may have an empty text: `success` alone tells.
    if (!reply.success) throw new RemoteError(method, reply.err, reply);
    return methods[method].result.decode(reply.result ?? null);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    const why = `the reply to ${method}: ${error.path === '' ? '' : `${error.path}: `}${error.why}`;
    throw new RunstateError('PROTOCOL', { why }, { cause: error });
  }
}
