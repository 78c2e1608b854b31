/** Accepts clients, and lets in whom the server trusts. */
import { messageOf } from '../../errors/index.ts';
import type { Logger } from '../../log/logger.ts';
import { Watch, files, sockets } from '../../native/index.ts';
import type { Credentials } from '../../native/sockets.ts';
import { showAddress } from '../address.ts';
import type { BoundSocket } from './bind.ts';

/** So many at once, then others have their turn. */
const clientsPerTurn = 64;
/** Out of descriptors the listening socket stays readable: look again after so many ms. */
const exhaustedPause = 100;

export class Listener {
  readonly #socket: BoundSocket;
  readonly #log: Logger;
  readonly #admit: (fd: number, peer: Credentials) => void;
  readonly #watch: Watch;
  #again: NodeJS.Timeout | undefined;

  /** Owns the socket. `admit` gets each client's descriptor for its own. */
  constructor(socket: BoundSocket, log: Logger, admit: (fd: number, peer: Credentials) => void) {
    this.#socket = socket;
    this.#log = log;
    this.#admit = admit;
    this.#watch = new Watch(socket.fd, { readable: () => this.#accept() });
    this.#watch.want({ readable: true });
  }

  close(): void {
    clearTimeout(this.#again);
    this.#watch.close();
    this.#socket.close();
  }

  #accept(): void {
    try {
      for (let i = 0; i < clientsPerTurn; i++) {
        const fd = sockets.accept(this.#socket.fd);
        if (fd === undefined) return;
        this.#check(fd);
      }
    } catch (error) {
      this.#log.error(`accepting on ${showAddress(this.#socket.address)}: ${messageOf(error)}`);
      this.#watch.want({});
      this.#again = setTimeout(() => this.#watch.want({ readable: true }), exhaustedPause);
    }
  }

  /** Only the server's own user and root. */
  #check(fd: number): void {
    const peer = sockets.peerCredentials(fd);
    if (peer.uid === 0 || peer.uid === process.geteuid?.()) {
      this.#admit(fd, peer);
      return;
    }
    files.close(fd);
    this.#log.warn('a client of another user was refused', { uid: peer.uid, pid: peer.pid });
  }
}
