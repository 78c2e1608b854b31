/** Accepts clients, and lets in whom the server trusts. */
import { messageOf } from '../../errors/index.ts';
import type { Logger } from '../../log/logger.ts';
import { Watch, files, sockets } from '../../native/index.ts';
import type { Credentials } from '../../native/sockets.ts';
import { showAddress } from '../address.ts';
import type { BoundSocket } from './bind.ts';
import { sharesMounts } from './shares-mounts.ts';

/** So many at once, then others have their turn. */
const clientsPerTurn = 64;
/** Out of descriptors the listening socket stays readable: look again after so many ms. */
const exhaustedPause = 100;

/** Refusals are logged at most once in so many ms, with how many there have been. */
const betweenRefusals = 60_000;

export class Listener {
  readonly #socket: BoundSocket;
  readonly #log: Logger;
  readonly #admit: (fd: number, peer: Credentials) => void;
  readonly #watch: Watch;
  #again: NodeJS.Timeout | undefined;
  #refused = 0;
  #toldAt = -Infinity;

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
        try {
          this.#check(fd);
        } catch (cause) {
          files.close(fd);
          this.#log.error('a client could not be let in', { cause });
        }
      }
    } catch (error) {
      this.#log.error(`accepting on ${showAddress(this.#socket.address)}: ${messageOf(error)}`);
      this.#watch.want({});
      this.#again = setTimeout(() => this.#watch.want({ readable: true }), exhaustedPause);
    }
  }

  /** Only the server's own user and root; by an abstract name, which has no directory to guard it, none of a container. */
  #check(fd: number): void {
    const peer = sockets.peerCredentials(fd);
    if (this.#isLetIn(fd, peer)) {
      this.#admit(fd, peer);
      return;
    }
    files.close(fd);
    this.#refused += 1;
    // Any user can come as often as they like: a line for each would fill the disk.
    const now = performance.now();
    if (now - this.#toldAt < betweenRefusals) return;
    this.#toldAt = now;
    const { uid, pid } = peer;
    this.#log.warn('a client of another user, or of a container, was refused', {
      ...{ uid, pid, refused: this.#refused },
    });
  }

  #isLetIn(fd: number, peer: Credentials): boolean {
    if (peer.uid !== 0 && peer.uid !== process.geteuid?.()) return false;
    if (this.#socket.address.kind !== 'abstract') return true;
    try {
      return sharesMounts(fd, peer.pid);
    } catch (cause) {
      this.#log.error('who a client is cannot be told: it is refused', { pid: peer.pid, cause });
      return false;
    }
  }
}
