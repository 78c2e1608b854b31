import { fstatSync, type Stats } from 'node:fs';
import { RunstateError } from '../../../errors/index.ts';
import { files, links } from '../../../native/index.ts';
import type { FileLink } from '../../network.ts';
import { isErrno, systemFailure } from '../system-error.ts';

/** The interface that open files stand for, and the network namespace that it is in, which is held. */
export class FoundInterface implements Disposable {
  /** As it is called there. */
  readonly name: string;
  /** Among the request's files: of the first that stands for it. */
  readonly fileIndex: number;
  /** Tells namespaces apart. */
  readonly networkKey: string;
  readonly #network: number;
  /** A TAP device goes with its last descriptor. */
  readonly #held: number[];
  #isOpen = true;

  private constructor(name: string, fileIndex: number, network: number, held: number[]) {
    this.name = name;
    this.fileIndex = fileIndex;
    this.#network = network;
    this.networkKey = networkKey(fstatSync(network));
    this.#held = held;
  }

  /**
   * Finds what a link's files stand for.
   * @param first the index of its first file among the request's
   * @throws RunstateError LINK_FILE, LINK_UNUSABLE, SYSTEM
   */
  static of(link: FileLink, first: number): FoundInterface {
    const found: FoundInterface[] = [];
    try {
      for (const [i, fd] of link.files.entries()) found.push(findOne(fd, first + i, link.name));
      const [one, ...others] = found;
      if (one === undefined) throw new Error('a link has no files');
      const other = others.find((another) => another.key !== one.key);
      if (other !== undefined)
        throw new RunstateError('LINK_UNUSABLE', {
          index: other.fileIndex,
          link: link.name,
          why: `it stands for interface ${JSON.stringify(other.name)}, file ${first} for ${JSON.stringify(one.name)}`,
        });
      for (const another of others) one.#held.push(...another.#held.splice(0));
      found.shift();
      return one;
    } finally {
      for (const one of found) one[Symbol.dispose]();
    }
  }

  /** Of an open socket or device. The descriptors become this one's. */
  static holding(name: string, fileIndex: number, network: number, held: number[]): FoundInterface {
    return new FoundInterface(name, fileIndex, network, held);
  }

  /** The namespace, for as long as this is not disposed of. */
  get network(): string {
    return `/proc/${process.pid}/fd/${this.#network}`;
  }

  /** The same of two that are one interface. */
  get key(): string {
    return `${this.networkKey} ${this.name}`;
  }

  /** Lets the namespace and the device go. Idempotent. */
  [Symbol.dispose](): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    files.close(this.#network);
    for (const fd of this.#held.splice(0)) files.close(fd);
  }
}

/** Of an open network namespace, or the file where one is pinned: the same of two that are one. */
export const networkKey = ({ dev, ino }: Stats): string => `${dev}:${ino}`;

function findOne(fd: number, index: number, link: string): FoundInterface {
  const kind = files.fileKind(fd);
  const refuse = (what: string): RunstateError => new RunstateError('LINK_FILE', { index, link, what });
  try {
    if (kind === 'socket') return findBySocket(fd, index, refuse);
    if (kind === 'character') return findByDevice(fd, index, refuse);
  } catch (error) {
    throw systemFailure('look at', `file ${index}`, error);
  }
  throw refuse(kindWords[kind]);
}

type Refuse = (what: string) => RunstateError;

function findBySocket(fd: number, index: number, refuse: Refuse): FoundInterface {
  const name = known(
    () => links.packetInterface(fd),
    'EAFNOSUPPORT',
    () => refuse('a socket, but no packet socket'),
  );
  if (name === undefined) throw refuse('a packet socket that is bound to no interface');
  return FoundInterface.holding(name, index, links.socketNetwork(fd), []);
}

function findByDevice(fd: number, index: number, refuse: Refuse): FoundInterface {
  const find = (): links.TunInterface =>
    known(
      () => links.tunInterface(fd),
      'ENOTTY',
      () => refuse('a character device'),
    );
  const { name, isTap } = known(find, 'EBADFD', () => refuse('/dev/net/tun without an interface'));
  if (!isTap) throw refuse(`the TUN device ${JSON.stringify(name)}, which carries no Ethernet`);
  const network = links.tunNetwork(fd);
  try {
    return FoundInterface.holding(name, index, network, [files.duplicate(fd)]);
  } catch (error) {
    files.close(network);
    throw error;
  }
}

/** What `look` gives, or the error that its failing by that code means. */
function known<T>(look: () => T, code: string, meaning: () => RunstateError): T {
  try {
    return look();
  } catch (error) {
    throw isErrno(error, code) ? meaning() : error;
  }
}

const kindWords: Readonly<Record<files.FileKind, string>> = {
  file: 'a regular file',
  directory: 'a directory',
  character: 'a character device',
  block: 'a block device',
  fifo: 'a pipe',
  socket: 'a socket',
  link: 'a symbolic link',
  other: 'a file of another kind',
};
