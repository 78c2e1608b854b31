import type { Logger } from '../../log/logger.ts';
import type { Credentials } from '../../native/sockets.ts';
import type { Arg, MethodName, Result } from '../methods/index.ts';
import type { ReceivedFiles } from './received-files.ts';

/** One call of a method, as its handler sees it. */
export interface Call {
  readonly method: MethodName;
  /** Closed when the handler has settled, but for those that it took. */
  readonly files: ReceivedFiles;
  /** Aborted when the client has gone or the server stops and does not wait any longer. The reason is a CANCELLED error. */
  readonly signal: AbortSignal;
  /** The same in every line of the log that has to do with the call. */
  readonly requestId: string;
  readonly log: Logger;
  /** Who called, as of its connecting. */
  readonly peer: Credentials;
}

/** A call under way, as who looks at the server sees it. */
export interface PendingCall {
  readonly method: MethodName;
  /** Milliseconds since the Unix epoch. */
  readonly since: number;
  readonly requestId: string;
  readonly peer: Credentials;
}

/** A result with files for the client. They are closed once sent, and also when they cannot be. */
export class WithFiles<R> {
  readonly result: R;
  readonly fds: readonly number[];

  constructor(result: R, fds: readonly number[]) {
    this.result = result;
    this.fds = fds;
  }
}

export type Reply<M extends MethodName> = Result<M> | WithFiles<Result<M>>;

/** Answers one method. What it throws is the error that the client gets. Should settle soon when `call.signal` is aborted. */
export type Handler<M extends MethodName> = (arg: Arg<M>, call: Call) => Reply<M> | Promise<Reply<M>>;

/** The methods that a server answers; any other is an unknown method to its clients. */
export type Handlers = { readonly [M in MethodName]?: Handler<M> };

/** A reply's two parts. */
export function splitReply(reply: unknown): { readonly result: unknown; readonly fds: readonly number[] } {
  return reply instanceof WithFiles ? reply : { result: reply, fds: [] };
}
