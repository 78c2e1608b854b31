import { RunstateError, isError } from '../../errors/index.ts';
import { maxFiles } from '../../native/sockets.ts';
import { showAddress, type SocketAddress } from '../address.ts';
import { encode } from '../codec/index.ts';
import { methods, type Arg, type MethodName, type Result } from '../methods/index.ts';
import { closeAll } from '../socket/file-queue.ts';
import { ClientConnection, NotSentError, type RawReply } from './client-connection.ts';
import { connectTo } from './connect.ts';
import { readReply } from './reply.ts';

export interface ClientOptions {
  /** How long connecting may take, in ms: 5 s unless set. */
  readonly connectTimeout?: number;
  /** How long a call may take, in ms, unless it says otherwise: 2 minutes unless set. Not for methods that wait for something to happen. */
  readonly callTimeout?: number;
  /**
   * Called when no server answers, or the server has gone in the middle of a call that may be asked again. Gives whether
   * there is one again; rejects with what the call is to be rejected with.
   */
  readonly revive?: () => Promise<boolean>;
}

export interface CallOptions {
  /** Aborting it ends the call, at the server too; it rejects with CANCELLED, the reason as its cause. */
  readonly signal?: AbortSignal;
  /** In ms; Infinity for none. */
  readonly timeout?: number;
  /** Descriptors to send, at most 128. They stay yours, and must stay open until the call has ended. */
  readonly files?: readonly number[];
}

/** A result with the descriptors that came with it, which are yours to close. */
export interface ResultWithFiles<R> {
  readonly result: R;
  readonly files: readonly number[];
}

/** For one call: what ends each server that it is asked of is not asked for ever. */
const mostRevivals = 3;

/** Idle connections that are kept. */
const mostIdle = 4;

/**
 * A client of a control server. Calls run side by side, each on a connection of its own, which is used again later;
 * idle ones do not keep the program alive. Every call may reject with RemoteError (what the server says), CONNECTION,
 * DEADLINE, CANCELLED or PROTOCOL.
 */
export class ControlClient {
  readonly #addresses: readonly SocketAddress[];
  readonly #options: Required<Omit<ClientOptions, 'revive'>> & Pick<ClientOptions, 'revive'>;
  #connections = new Set<ClientConnection>();
  #isClosed = false;

  /** Does not connect yet. The first address that answers is taken, each time. */
  constructor(addresses: readonly SocketAddress[], options: ClientOptions = {}) {
    this.#addresses = addresses;
    this.#options = {
      connectTimeout: options.connectTimeout ?? 5000,
      callTimeout: options.callTimeout ?? 120_000,
      ...(options.revive === undefined ? {} : { revive: options.revive }),
    };
  }

  /** A client that has connected. Rejects with CONNECTION when no server answers, its cause the system's error. */
  static async connect(
    address: SocketAddress | readonly SocketAddress[],
    options: { readonly timeout?: number } & Pick<ClientOptions, 'callTimeout' | 'revive'> = {},
  ): Promise<ControlClient> {
    const { timeout, ...rest } = options;
    const client = new ControlClient('kind' in address ? [address] : address, {
      ...rest,
      ...(timeout === undefined ? {} : { connectTimeout: timeout }),
    });
    (await client.#open(new AbortController().signal)).giveBack();
    return client;
  }

  /** Calls a method; files that come back are closed. */
  async call<M extends MethodName>(method: M, arg: Arg<M>, options: CallOptions = {}): Promise<Result<M>> {
    const { result, files } = await this.callForFiles(method, arg, options);
    closeAll(files);
    return result;
  }

  /** Calls a method whose reply has files. */
  async callForFiles<M extends MethodName>(
    method: M,
    arg: Arg<M>,
    options: CallOptions = {},
  ): Promise<ResultWithFiles<Result<M>>> {
    const files = options.files ?? [];
    if (files.length > maxFiles) {
      throw new RunstateError('FILES', {
        what: `${method}: ${files.length} files, at most ${maxFiles} can be sent`,
      });
    }
    const request = Buffer.from(`{"method":${encode(method)},"arg":${encode(arg)}}`);
    const limit = methods[method].waits === true ? Infinity : this.#options.callTimeout;
    const reply = await withDeadline(method, options.timeout ?? limit, options.signal, (signal) =>
      this.#exchange(request, files, { signal, again: methods[method].again === true }),
    );
    try {
      return { result: readReply(method, reply.message), files: reply.fds };
    } catch (error) {
      closeAll(reply.fds);
      throw error;
    }
  }

  /** Closes all connections; calls under way reject with CONNECTION. Idempotent. */
  close(): void {
    this.#isClosed = true;
    for (const connection of this.#connections) connection.close();
    this.#connections.clear();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  async #exchange(
    request: Buffer,
    files: readonly number[],
    { signal, again }: { readonly signal: AbortSignal; readonly again: boolean },
  ): Promise<RawReply> {
    for (let left = mostRevivals; ; left--) {
      try {
        return await this.#exchangeOnce(request, files, signal);
      } catch (error) {
        const mayRevive =
          left > 0 && again && isError(error, 'CONNECTION') && !this.#isClosed && !signal.aborted;
        if (!mayRevive || (await this.#options.revive?.()) !== true) throw error;
      }
    }
  }

  async #exchangeOnce(request: Buffer, files: readonly number[], signal: AbortSignal): Promise<RawReply> {
    const idle = this.#takeIdle();
    if (idle !== undefined) {
      try {
        return await this.#use(idle, request, files, signal);
      } catch (error) {
        // It had ended without our noticing, e.g. with a server that was started again since.
        if (!(error instanceof NotSentError)) throw error;
      }
    }
    try {
      return await this.#use(await this.#open(signal), request, files, signal);
    } catch (error) {
      throw error instanceof NotSentError ? error.cause : error;
    }
  }

  /** Gives the connection back. */
  async #use(
    connection: ClientConnection,
    request: Buffer,
    files: readonly number[],
    signal: AbortSignal,
  ): Promise<RawReply> {
    const abort = (): void => connection.close(signal.reason);
    signal.addEventListener('abort', abort);
    try {
      return await connection.call(request, files);
    } finally {
      signal.removeEventListener('abort', abort);
      connection.giveBack();
      this.#tidy();
    }
  }

  /** One that is taken. */
  async #open(signal: AbortSignal): Promise<ClientConnection> {
    this.#checkOpen();
    const deadline = performance.now() + this.#options.connectTimeout;
    const fd = await this.#connect(deadline, signal);
    const connection = new ClientConnection(fd, this.#addresses.map(showAddress).join(' or '));
    this.#connections.add(connection);
    // Both may have happened while it waited for the server.
    if (signal.aborted || this.#isClosed) connection.close();
    this.#checkOpen();
    signal.throwIfAborted();
    return connection;
  }

  async #connect(deadline: number, signal: AbortSignal): Promise<number> {
    try {
      return await connectTo(this.#addresses, deadline, signal);
    } catch (error) {
      // Nothing was asked yet: so whatever it is may be.
      if (!isError(error, 'CONNECTION') || (await this.#options.revive?.()) !== true) throw error;
      return connectTo(this.#addresses, performance.now() + this.#options.connectTimeout, signal);
    }
  }

  #takeIdle(): ClientConnection | undefined {
    this.#checkOpen();
    for (const connection of this.#connections) {
      if (!connection.isIdle) continue;
      connection.take();
      return connection;
    }
    return undefined;
  }

  /** Forgets connections that have ended, and closes idle ones that are too many. */
  #tidy(): void {
    let idle = 0;
    for (const connection of this.#connections) {
      if (connection.isIdle && ++idle > mostIdle) connection.close();
      if (connection.isEnded) this.#connections.delete(connection);
    }
  }

  #checkOpen(): void {
    if (!this.#isClosed) return;
    const address = this.#addresses.map(showAddress).join(' or ');
    throw new RunstateError('CONNECTION', { address, why: 'the client was closed' });
  }
}

/** Runs something that ends when its signal is aborted: by the caller's signal, or when the time is up. */
async function withDeadline<T>(
  method: string,
  timeout: number,
  outer: AbortSignal | undefined,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const abort = new AbortController();
  const subject = { verb: 'call', kind: 'method', id: method };
  const cancel = (): void => abort.abort(new RunstateError('CANCELLED', subject, { cause: outer?.reason }));
  const timer = Number.isFinite(timeout)
    ? setTimeout(() => abort.abort(new RunstateError('DEADLINE', { ...subject, ms: timeout })), timeout)
    : undefined;
  outer?.addEventListener('abort', cancel);
  if (outer?.aborted === true) cancel();
  try {
    abort.signal.throwIfAborted();
    return await run(abort.signal);
  } catch (error) {
    // Whatever broke on the way, this is why.
    abort.signal.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener('abort', cancel);
  }
}
