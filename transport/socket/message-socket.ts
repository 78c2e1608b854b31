/**
 * JSON messages with files over a connected Unix socket, as both ends of a control connection need them. Never
 * waits: what happens is told to the listener.
 */
import { RunstateError } from '../../errors/index.ts';
import { Watch, files, isSystemError, sockets } from '../../native/index.ts';
import { JsonReader, defaultLimits, type Read, type ReaderLimits } from '../codec/index.ts';
import { FileQueue } from './file-queue.ts';
import { OutgoingMessage } from './outgoing-message.ts';

/** What was read whole. */
export type Message = Exclude<Read, { readonly kind: 'invalid' }>;

export interface MessageListener {
  /** A message; its files are the listener's to close. Not called while the socket is paused. */
  message(read: Message, fds: number[]): void;
  /** The other side sends no more; `inside` when that was in the middle of a message. */
  ended(inside: boolean): void;
  /** The other side has gone. */
  hungUp(): void;
  /** Reading cannot go on: what came is no JSON, files were lost, or the socket failed. */
  broken(error: RunstateError): void;
}

/** What is received goes through here; the reader copies what it keeps. */
const received = Buffer.allocUnsafeSlow(1 << 16);
/** A connection that sends without end lets others have their turn after so many pieces. */
const piecesPerTurn = 16;
/** How often a half-closed connection is looked at while its call runs, in ms. */
const halfClosedCheck = 1000;

export class MessageSocket {
  readonly #fd: number;
  readonly #listener: MessageListener;
  readonly #reader: JsonReader;
  readonly #watch: Watch;
  readonly #files = new FileQueue();
  #completed = 0;
  #queue: Read[] = [];
  #paused = false;
  #closed = false;
  #delivering = false;
  #outgoing: OutgoingMessage | undefined;
  /** What is watched for; a paused socket goes on watching for input until some comes. */
  #wanted: 'readable' | 'ended' | 'nothing' = 'readable';
  #halfClosed: NodeJS.Timeout | undefined;

  /** Owns the descriptor from now on, also when it throws. */
  constructor(fd: number, listener: MessageListener, limits: ReaderLimits = defaultLimits) {
    this.#fd = fd;
    this.#listener = listener;
    this.#reader = new JsonReader(limits);
    try {
      this.#watch = new Watch(fd, {
        readable: () => this.#onReadable(),
        writable: () => this.#onWritable(),
        ended: () => this.#onEnded(),
        failed: () => this.#onFailed(),
      });
    } catch (error) {
      files.close(fd);
      throw error;
    }
    this.#updateWatch();
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** Messages are kept back from now on, and soon not even read. */
  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    if (!this.#paused || this.#closed) return;
    this.#paused = false;
    clearInterval(this.#halfClosed);
    this.#want('readable');
    this.#deliver();
  }

  /**
   * Sends a message, and copies of the files with its first byte; they stay the caller's and must stay open until
   * `done`, which is called once, perhaps at once: with an error when the other side has gone or a file is bad.
   * One message at a time.
   */
  send(data: Buffer, fds: readonly number[], done: (error?: unknown) => void): void {
    if (this.#outgoing !== undefined) throw new Error('a message is being sent already');
    if (this.#closed) {
      done(new RunstateError('PROTOCOL', { why: 'the connection is closed' }));
      return;
    }
    this.#outgoing = new OutgoingMessage(this.#fd, data, fds, done);
    this.#onWritable();
  }

  ref(): void {
    this.#watch.ref();
  }

  unref(): void {
    this.#watch.unref();
  }

  /** Closes the socket and the files of messages that were not delivered. Idempotent; the listener is not called any more. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#halfClosed);
    this.#watch.close();
    files.close(this.#fd);
    this.#queue = [];
    this.#files.close();
    const outgoing = this.#outgoing;
    this.#outgoing = undefined;
    outgoing?.fail(new RunstateError('PROTOCOL', { why: 'the connection was closed' }));
  }

  #onReadable(): void {
    if (this.#paused) {
      // Either more requests, which wait in the kernel, or nobody is there any more.
      if (sockets.hungUp(this.#fd)) this.#listener.hungUp();
      else this.#want('ended');
      return;
    }
    for (let piece = 0; piece < piecesPerTurn && this.#mayRead(); piece++) {
      if (!this.#readPiece()) return;
    }
  }

  #mayRead(): boolean {
    return !this.#paused && !this.#closed;
  }

  /** False when there is, for now, nothing more to read. */
  #readPiece(): boolean {
    const fds: number[] = [];
    let got: sockets.Received;
    try {
      got = sockets.receive(this.#fd, received, fds);
    } catch (error) {
      if (isSystemError(error, 'ECONNRESET')) this.#listener.hungUp();
      else this.#break('receiving failed', error);
      return false;
    }
    if (got === 'truncated') {
      this.#break(`more than ${sockets.maxFiles} files came with a message, or too many are open here`);
      return false;
    }
    if (got === 'end') {
      this.#want('nothing');
      this.#listener.ended(this.#reader.isInside);
      return false;
    }
    if (got === 'again') return false;
    this.#take(received.subarray(0, got), fds);
    return true;
  }

  #take(chunk: Buffer, fds: number[]): void {
    const before = this.#reader.started;
    const wasInside = this.#reader.isInside;
    this.#queue.push(...this.#reader.push(chunk));
    if (!this.#files.add(fds, before, this.#reader.started, wasInside)) {
      this.#break(`more than ${sockets.maxFiles} files came with a message`);
      return;
    }
    this.#deliver();
  }

  #deliver(): void {
    // A listener that answers at once resumes from within: the loop below goes on then.
    if (this.#delivering) return;
    this.#delivering = true;
    try {
      while (this.#mayRead()) {
        const read = this.#queue.shift();
        if (read === undefined) return;
        this.#completed++;
        if (read.kind === 'invalid') {
          this.#break(read.why);
          return;
        }
        this.#listener.message(read, this.#files.take(this.#completed));
      }
    } finally {
      this.#delivering = false;
    }
  }

  #onEnded(): void {
    if (sockets.hungUp(this.#fd)) {
      this.#listener.hungUp();
      return;
    }
    // The other side still reads: its call goes on. Its going away is not told any more, so look now and then.
    this.#want('nothing');
    this.#halfClosed = setInterval(() => {
      if (sockets.hungUp(this.#fd)) this.#listener.hungUp();
    }, halfClosedCheck).unref();
  }

  /** The loop has given up on the socket. What came before its end may hold the reason: read it. */
  #onFailed(): void {
    while (this.#mayRead() && this.#readPiece());
    if (!this.#closed) this.#listener.hungUp();
  }

  #onWritable(): void {
    const outgoing = this.#outgoing;
    if (outgoing === undefined) return;
    const state = outgoing.advance();
    if (state !== 'full') this.#outgoing = undefined;
    this.#updateWatch();
    if (state !== 'full') outgoing.settle(state);
  }

  #break(why: string, cause?: unknown): void {
    this.#want('nothing');
    this.#listener.broken(new RunstateError('PROTOCOL', { why }, cause === undefined ? {} : { cause }));
  }

  #want(what: 'readable' | 'ended' | 'nothing'): void {
    this.#wanted = what;
    this.#updateWatch();
  }

  #updateWatch(): void {
    this.#watch.want({
      readable: this.#wanted === 'readable',
      ended: this.#wanted === 'ended',
      writable: this.#outgoing !== undefined,
    });
  }
}
