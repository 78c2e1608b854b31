/** A control server: the methods of a table of handlers, at one or more addresses. */
import { isError } from '../../errors/index.ts';
import { silent, type Logger } from '../../log/logger.ts';
import type { SocketAddress } from '../address.ts';
import { defaultLimits, type ReaderLimits } from '../codec/index.ts';
import { bindSocket, type BoundSocket } from './bind.ts';
import { Connection, type ConnectionOptions } from './connection.ts';
import type { Handlers, PendingCall } from './handler.ts';
import { Listener } from './listener.ts';
import { CallObservers } from './observers.ts';
import { CallStatistics } from './statistics.ts';

export interface ServerOptions {
  /** Those that tell of the server itself get it. */
  readonly handlers: Handlers | ((server: ControlServer) => Handlers);
  /** Beside a socket in the file system an abstract name may be taken, unless this is so. */
  readonly needsAllNames?: boolean;
  readonly log?: Logger;
  /** Of one message: 32 MiB and 10,000 levels unless set. */
  readonly limits?: ReaderLimits;
}

/** What an aborted call gets to end, in ms. */
const abortGrace = 1000;

export class ControlServer {
  /** Since it began to listen. */
  readonly statistics = new CallStatistics();
  readonly observers = new CallObservers();
  readonly #options: ConnectionOptions;
  readonly #connections = new Set<Connection>();
  #listeners: readonly Listener[] = [];
  #onEmpty: (() => void) | undefined;
  #stopping: Promise<void> | undefined;

  private constructor(options: ServerOptions) {
    this.#options = {
      handlers: typeof options.handlers === 'function' ? options.handlers(this) : options.handlers,
      log: options.log ?? silent,
      limits: options.limits ?? defaultLimits,
      statistics: this.statistics,
      observers: this.observers,
    };
  }

  /**
   * Listens at all the addresses, or at none: throws ADDRESS_IN_USE when another server listens at one of them,
   * CONNECTION when one cannot be had. Beside a socket in the file system, an abstract name that is taken is passed
   * over: any user can take one, and sandboxes of the same id under two roots share theirs. Only clients of this
   * process's user and of root are let in.
   */
  static async listen(addresses: readonly SocketAddress[], options: ServerOptions): Promise<ControlServer> {
    const server = new ControlServer(options);
    const bound: BoundSocket[] = [];
    try {
      for (const address of addresses) {
        const socket = await bindSocket(address).catch((error: unknown) => {
          const isNeeded = options.needsAllNames === true || !isSpare(address, addresses);
          if (isNeeded || !isError(error, 'ADDRESS_IN_USE')) throw error;
          server.#options.log.warn(`${error.message}; the other addresses do`);
        });
        if (socket !== undefined) bound.push(socket);
      }
    } catch (error) {
      for (const socket of bound) socket.close();
      throw error;
    }
    server.#listeners = bound.map(
      (socket) =>
        new Listener(socket, server.#options.log, (fd, peer) => {
          server.#connections.add(new Connection(fd, peer, server.#options, (gone) => server.#forget(gone)));
        }),
    );
    return server;
  }

  /** How many clients are connected, or still have a call under way. */
  get connections(): number {
    return this.#connections.size;
  }

  /** The calls under way. */
  get calls(): readonly PendingCall[] {
    return [...this.#connections].map((one) => one.call).filter((call) => call !== undefined);
  }

  /**
   * Accepts nobody any more, closes idle connections at once and the others after the reply to their call. After
   * `timeout` ms (10 s unless set; 0: at once) the calls that are left are aborted; they have a second to answer.
   * Resolves when all are closed, and at the latest a second after the timeout. A second call waits for the first.
   */
  stop(options: { readonly timeout?: number } = {}): Promise<void> {
    this.#stopping ??= this.#stop(options.timeout ?? 10_000);
    return this.#stopping;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop({ timeout: 0 });
  }

  async #stop(timeout: number): Promise<void> {
    for (const listener of this.#listeners) listener.close();
    this.#listeners = [];
    for (const connection of this.#connections) connection.requestClose();
    if (await this.#empty(timeout)) return;
    for (const connection of this.#connections) connection.abort('the server is stopping');
    if (await this.#empty(abortGrace)) return;
    for (const connection of this.#connections) connection.hangUp('the server has stopped');
    // Those with a call that does not care for its signal are still there.
    for (const { call, peer } of this.#connections) {
      this.#options.log.error('a call did not end when it was aborted', {
        method: call?.method,
        pid: peer.pid,
      });
    }
  }

  /** Waits until no connection is left; false when that has not happened in time. */
  #empty(timeout: number): Promise<boolean> {
    if (this.#connections.size === 0) return Promise.resolve(true);
    return new Promise((resolve) => {
      const settle = (isEmpty: boolean): void => {
        clearTimeout(timer);
        this.#onEmpty = undefined;
        resolve(isEmpty);
      };
      const timer = setTimeout(() => settle(false), timeout);
      this.#onEmpty = () => settle(true);
    });
  }

  #forget(connection: Connection): void {
    this.#connections.delete(connection);
    if (this.#connections.size === 0) this.#onEmpty?.();
  }
}

/** True for a name that clients of a certain age look for, where all others find the socket in the file system. */
function isSpare(address: SocketAddress, addresses: readonly SocketAddress[]): boolean {
  return address.kind === 'abstract' && addresses.some(({ kind }) => kind === 'path');
}
