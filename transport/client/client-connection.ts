/** One connection of a client: a request, its reply, and so on. */
import { RunstateError } from '../../errors/index.ts';
import { isSystemError } from '../../native/index.ts';
import { closeAll } from '../socket/file-queue.ts';
import { MessageSocket, type Message } from '../socket/message-socket.ts';

/** What came back, with its files, which are now the caller's. */
export interface RawReply {
  readonly message: Message;
  readonly fds: readonly number[];
}

interface Pending {
  readonly resolve: (reply: RawReply) => void;
  readonly reject: (error: unknown) => void;
}

/** The connection broke before the request was sent: it may be sent again over another one. */
export class NotSentError extends Error {
  override readonly name = 'NotSentError';
}

export class ClientConnection {
  readonly #socket: MessageSocket;
  readonly #address: string;
  #pending: Pending | undefined;
  #isTaken = true;
  #sendError: unknown;

  /** Owns the descriptor; whoever makes it has it taken. `address` is for messages. */
  constructor(fd: number, address: string) {
    this.#address = address;
    this.#socket = new MessageSocket(fd, {
      message: (message, fds) => this.#onMessage(message, fds),
      ended: () => this.#fail(this.#lost('the server closed the connection')),
      hungUp: () => this.#fail(this.#lost('the server has gone')),
      broken: (error) => this.#fail(error),
    });
    this.#socket.unref();
  }

  /** False: it has ended, or somebody has it for a call. */
  get isIdle(): boolean {
    return !this.#socket.isClosed && !this.#isTaken;
  }

  /** For a call that is about to be made: nobody else gets it until it is given back. */
  take(): void {
    this.#isTaken = true;
  }

  giveBack(): void {
    this.#isTaken = false;
  }

  get isEnded(): boolean {
    return this.#socket.isClosed;
  }

  /**
   * Sends a request and resolves with the reply. The files stay the caller's. Rejects with NotSentError,
   * CONNECTION, PROTOCOL, or the system's error for a file that cannot be sent; Error while another call is under way.
   */
  call(request: Buffer, fds: readonly number[]): Promise<RawReply> {
    return new Promise((resolve, reject) => {
      if (this.#pending !== undefined) throw new Error('a call is under way on this connection already');
      this.#pending = { resolve, reject };
      this.#sendError = undefined;
      this.#socket.ref();
      this.#socket.send(request, fds, (error) => {
        if (error === undefined) return;
        this.#sendError = error;
        // The other side has gone, but it may have said why: that, or the end, is read next.
        if (!isGone(error)) this.#fail(error);
      });
    });
  }

  /** Ends it; a server that runs a call of it aborts the call. Idempotent. */
  close(error: unknown = this.#lost('the connection was closed here')): void {
    this.#fail(error);
  }

  #onMessage(message: Message, fds: number[]): void {
    const pending = this.#pending;
    this.#pending = undefined;
    this.#socket.unref();
    if (pending !== undefined) {
      pending.resolve({ message, fds });
      return;
    }
    // Nobody asked for it. Whatever it is, the replies to come would be taken for others' from now on.
    closeAll(fds);
    this.#socket.close();
  }

  #fail(error: unknown): void {
    const pending = this.#pending;
    this.#pending = undefined;
    this.#socket.close();
    pending?.reject(isGone(this.#sendError) ? new NotSentError(this.#address, { cause: error }) : error);
  }

  #lost(why: string): RunstateError {
    const options = this.#sendError === undefined ? {} : { cause: this.#sendError };
    return new RunstateError('CONNECTION', { address: this.#address, why }, options);
  }
}

function isGone(error: unknown): boolean {
  return isSystemError(error, 'EPIPE') || isSystemError(error, 'ECONNRESET');
}
