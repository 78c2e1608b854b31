/** The names that the kernel knows addresses by. sun_path has room for 107 bytes beside its ending NUL (unix(7)); paths may be longer. */
import { closeSync, constants, linkSync, openSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { nanoid } from 'nanoid';
import { files, sockets } from '../../native/index.ts';
import type { SocketName } from '../../native/sockets.ts';
import type { SocketAddress } from '../address.ts';

const longestPath = 107;

/** open(2); Node has no name for it. Of a socket only this is possible. */
const O_PATH = 0o10000000;

/** A descriptor that is connected. @throws SystemError of connect(2), and of open(2) for a path that is long */
export function connectSocket(address: SocketAddress): number {
  return isLong(address)
    ? through(openSync(address.path, O_PATH), (file) => sockets.connect(file))
    : sockets.connect(nameOf(address));
}

/** A descriptor that listens. @throws SystemError of bind(2) and listen(2), EADDRINUSE when the path is there; of open(2) for its directory */
export function listenSocket(address: SocketAddress): number {
  if (!isLong(address)) return sockets.listen(nameOf(address));
  const directory = dirname(address.path);
  return through(openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY), (here) => {
    // The last part alone may be too long: it is bound by another name, and gets its own when it listens.
    const name = `.bind-${nanoid()}`;
    const fd = sockets.listen(`${here}/${name}`);
    try {
      linkSync(join(directory, name), address.path);
      return fd;
    } catch (error) {
      files.close(fd);
      throw error;
    } finally {
      rmSync(join(directory, name));
    }
  });
}

type Path = Extract<SocketAddress, { kind: 'path' }>;

const isLong = (address: SocketAddress): address is Path =>
  address.kind === 'path' && Buffer.byteLength(address.path) > longestPath;

const nameOf = (address: SocketAddress): SocketName =>
  address.kind === 'abstract' ? `\0${address.name}` : address.path;

function through<T>(fd: number, use: (name: string) => T): T {
  try {
    return use(`/proc/self/fd/${fd}`);
  } finally {
    closeSync(fd);
  }
}
