import { closeSync, constants, openSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { SocketName } from '../../native/sockets.ts';
import type { SocketAddress } from '../address.ts';

/** What fits into sun_path beside its ending NUL. */
const longestPath = 107;

/**
 * Runs something with the name that the kernel knows an address by. A path that is too long for it is reached
 * through a descriptor of its directory, open for as long as `run` takes. Throws what opening that throws.
 */
export function withSocketName<T>(address: SocketAddress, run: (name: SocketName) => T): T {
  if (address.kind === 'abstract') return run(`\0${address.name}`);
  if (Buffer.byteLength(address.path) <= longestPath) return run(address.path);
  const directory = openSync(dirname(address.path), constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    return run(`/proc/self/fd/${directory}/${basename(address.path)}`);
  } finally {
    closeSync(directory);
  }
}
