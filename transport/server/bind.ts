/** Taking an address: what is in the way of a new listening socket, and who may remove it. */
import { closeSync, constants, lstatSync, openSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { RunstateError, messageOf } from '../../errors/index.ts';
import { files, isSystemError } from '../../native/index.ts';
import { showAddress, type SocketAddress } from '../address.ts';
import { connectSocket, listenSocket } from '../socket/socket-name.ts';

export interface BoundSocket {
  readonly fd: number;
  readonly address: SocketAddress;
  /** Closes it, and removes its file unless another server has put its own there. */
  close(): void;
}

/** How long two servers that start at the same time wait for each other, in ms. */
const lockTimeout = 5000;
const lockPause = 10;

/**
 * Listens at the address. The file of a server that has died is replaced. Throws ADDRESS_IN_USE when a server is
 * listening there, CONNECTION when it cannot be done for another reason.
 */
export async function bindSocket(address: SocketAddress): Promise<BoundSocket> {
  try {
    if (address.kind === 'abstract') return bound(listenSocket(address), address);
    // Between finding a file dead and replacing it, another server could do the same.
    return await withDirectoryLock(address.path, () => {
      if (isDead(address)) rmSync(address.path);
      return bound(listenSocket(address), address);
    });
  } catch (error) {
    if (error instanceof RunstateError) throw error;
    if (isSystemError(error, 'EADDRINUSE') || isSystemError(error, 'EEXIST')) {
      throw new RunstateError('ADDRESS_IN_USE', { address: showAddress(address) }, { cause: error });
    }
    const params = { address: showAddress(address), why: messageOf(error) };
    throw new RunstateError('CONNECTION', params, { cause: error });
  }
}

/** True for a socket that nobody listens on. Another kind of file is nobody's to remove: bind will fail on it. */
function isDead(address: SocketAddress): boolean {
  try {
    files.close(connectSocket(address));
    return false;
  } catch (error) {
    if (isSystemError(error, 'ECONNREFUSED')) return isSocket(address);
    // EAGAIN: a server with a full backlog. Whatever else there is, bind tells it better.
    return false;
  }
}

function isSocket(address: SocketAddress): boolean {
  return address.kind === 'path' && lstatSync(address.path).isSocket();
}

function bound(fd: number, address: SocketAddress): BoundSocket {
  if (address.kind === 'abstract') return { fd, address, close: () => files.close(fd) };
  const { ino, dev } = lstatSync(address.path);
  return {
    fd,
    address,
    close: () => {
      const now = lstatSync(address.path, { throwIfNoEntry: false });
      if (now?.ino === ino && now.dev === dev) rmSync(address.path);
      files.close(fd);
    },
  };
}

async function withDirectoryLock<T>(path: string, run: () => T): Promise<T> {
  const fd = openSync(dirname(path), constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    const deadline = performance.now() + lockTimeout;
    while (!files.tryLock(fd, 'exclusive')) {
      if (performance.now() > deadline) throw new Error(`${dirname(path)} is locked by another process`);
      await after(lockPause);
    }
    return run();
  } finally {
    closeSync(fd);
  }
}
