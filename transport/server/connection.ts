/** One client of a control server: its requests, one after the other. */
import { faultPoint } from '../../faults/fault-point.ts';
import { RunstateError, messageOf } from '../../errors/index.ts';
import type { Logger } from '../../log/logger.ts';
import type { Credentials } from '../../native/sockets.ts';
import type { ReaderLimits } from '../codec/index.ts';
import { closeAll } from '../socket/file-queue.ts';
import { MessageSocket, type Message } from '../socket/message-socket.ts';
import { RunningCall } from './call.ts';
import { nextState, type ConnectionEvent, type ConnectionState } from './connection-state.ts';
import { findMethod, invoke, readRequest, type Request } from './dispatch.ts';
import { splitReply, type Handlers, type PendingCall } from './handler.ts';
import { errorReply, successReply } from './reply.ts';
import type { CallObservers } from './observers.ts';
import type { CallStatistics, Outcome } from './statistics.ts';

export interface ConnectionOptions {
  readonly handlers: Handlers;
  readonly log: Logger;
  readonly limits: ReaderLimits;
  readonly statistics: CallStatistics;
  readonly observers: CallObservers;
}

export class Connection {
  readonly peer: Credentials;
  readonly #options: ConnectionOptions;
  readonly #socket: MessageSocket;
  readonly #onClosed: (connection: Connection) => void;
  #state: ConnectionState = 'idle';
  #call: RunningCall | undefined;

  /** Owns the descriptor from now on. `onClosed` is called once, when the client is gone and its call has ended. */
  constructor(
    fd: number,
    peer: Credentials,
    options: ConnectionOptions,
    onClosed: (connection: Connection) => void,
  ) {
    this.peer = peer;
    this.#options = options;
    this.#onClosed = onClosed;
    this.#socket = new MessageSocket(
      fd,
      {
        message: (message, fds) => this.#onMessage(message, fds),
        ended: (inside) => this.#onEnded(inside),
        hungUp: () => this.hangUp('the client has gone'),
        broken: (error) => this.#onBroken(error),
      },
      options.limits,
    );
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** The call under way. */
  get call(): PendingCall | undefined {
    return this.#call;
  }

  /** Closes it, after the reply to a call under way. */
  requestClose(): void {
    this.#send('closeRequested');
  }

  /** Aborts the call under way; its reply is still sent. */
  abort(why: string): void {
    this.#call?.abort(why);
  }

  /** Closes it now. A call under way is aborted, and ends on its own. */
  hangUp(why: string): void {
    this.#send('hangup');
    this.#call?.abort(why);
  }

  #send(event: ConnectionEvent): void {
    const before = this.#state;
    this.#state = nextState(before, event);
    if (this.#state !== 'closed' || before === 'closed') return;
    this.#socket.close();
    this.#checkGone();
  }

  #checkGone(): void {
    if (this.#state === 'closed' && this.#call === undefined) this.#onClosed(this);
  }

  #onMessage(message: Message, fds: number[]): void {
    this.#socket.pause();
    this.#send('request');
    if (message.kind === 'tooLarge') {
      this.#close(fds);
      this.#reply(errorReply(new RunstateError('MESSAGE_TOO_LARGE', { limit: message.limit })));
      return;
    }
    const request = readRequest(message.value);
    if (request instanceof RunstateError) {
      this.#close(fds);
      this.#onBroken(request);
      return;
    }
    this.#run(request, fds);
  }

  #run(request: Request, fds: readonly number[]): void {
    let call: RunningCall | undefined;
    try {
      const method = findMethod(request.method, this.#options.handlers);
      call = new RunningCall(method, fds, this.peer, this.#options.log);
      this.#call = call;
      this.#options.observers.began(call);
      const reply = invoke(method, request.arg, call, this.#options.handlers);
      if (reply instanceof Promise) this.#await(reply, call);
      else this.#succeed(reply, call);
    } catch (error) {
      if (call === undefined) this.#close(fds);
      this.#fail(error, call);
    }
  }

  #await(reply: Promise<unknown>, call: RunningCall): void {
    reply.then(
      (value) => this.#succeed(value, call),
      (error: unknown) => this.#fail(error, call),
    );
  }

  #succeed(reply: unknown, call: RunningCall): void {
    const { result, fds } = splitReply(reply);
    let bytes: Buffer;
    try {
      bytes = successReply(result);
    } catch (error) {
      this.#close(fds);
      this.#fail(error, call);
      return;
    }
    this.#endCall(call, 'succeeded', undefined);
    faultPoint('reply');
    this.#reply(bytes, fds);
  }

  #fail(error: unknown, call: RunningCall | undefined): void {
    if (call !== undefined) {
      // What is not of the catalogue nobody has foreseen: its stack is wanted.
      const isForeseen = error instanceof RunstateError;
      call.log[isForeseen ? 'info' : 'error'](
        `call failed: ${messageOf(error)}`,
        isForeseen ? {} : { error },
      );
      this.#endCall(call, 'failed', error);
    }
    this.#reply(errorReply(error));
  }

  /** Closes the call's files, on every path. */
  #endCall(call: RunningCall, outcome: Outcome, error: unknown): void {
    const duration = Date.now() - call.since;
    this.#options.statistics.ended(call.method, outcome, duration);
    this.#options.observers.ended(call, duration, error);
    this.#call = undefined;
    this.#close(call.files.release());
  }

  /** Of a descriptor that is not open somebody else has taken the number: that is a bug, but not the client's. */
  #close(fds: readonly number[]): void {
    try {
      closeAll(fds);
    } catch (error) {
      this.#options.log.error('a file of a call was closed by somebody else', { error });
    }
  }

  #reply(bytes: Buffer, fds: readonly number[] = []): void {
    if (this.#state === 'closed') {
      this.#close(fds);
      this.#checkGone();
      return;
    }
    this.#socket.send(bytes, fds, (error) => {
      this.#close(fds);
      if (error !== undefined) this.hangUp(`the reply could not be sent: ${messageOf(error)}`);
      this.#send('replied');
      if (this.#state === 'idle') this.#socket.resume();
    });
  }

  #onEnded(inside: boolean): void {
    if (inside) this.#options.log.info('a client left in the middle of a message', { pid: this.peer.pid });
    this.hangUp('the client has ended the connection');
  }

  /** Says why, as far as it can be said, and closes. */
  #onBroken(error: RunstateError): void {
    this.#options.log.warn(`client cut off: ${error.message}`, { pid: this.peer.pid });
    this.#socket.pause();
    if (this.#state === 'idle') this.#send('request');
    this.#send('closeRequested');
    this.#reply(errorReply(error));
  }
}
