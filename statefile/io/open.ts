/** Opens the file that a client passed for writing or reading a statefile. The client's descriptor stays as it is. */
import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { RunstateError } from '../../errors/index.ts';
import { files, terminal } from '../../native/index.ts';
import { systemError, writeError } from './errors.ts';
import type { Sink, Source } from './port.ts';
import { RegularFile } from './regular.ts';
import { Stream, byPipe, bySocket } from './stream.ts';

type Use = 'write' | 'read';

/** @throws RunstateError STATEFILE_FILE for a file that cannot be written or cannot hold a statefile; READER_GONE, SYSTEM */
export function openSink(fd: number, signal: AbortSignal | undefined): Sink {
  signal?.throwIfAborted();
  try {
    return open(fd, 'write', signal);
  } catch (error) {
    throw writeError(error, 0);
  }
}

/** @throws RunstateError STATEFILE_FILE for a file that cannot be read or cannot hold a statefile; SYSTEM */
export function openSource(fd: number, signal: AbortSignal | undefined): Source {
  signal?.throwIfAborted();
  try {
    return open(fd, 'read', signal);
  } catch (error) {
    throw systemError(error, 'open', 'the statefile');
  }
}

function open(fd: number, use: Use, signal: AbortSignal | undefined): RegularFile | Stream {
  const access = files.accessMode(fd);
  if (access !== use && access !== 'both') throw unfit(`its descriptor is not open to ${use}`);
  const kind = files.fileKind(fd);
  switch (kind) {
    case 'file':
      return new RegularFile(files.duplicate(fd), signal);
    case 'character':
      // One that can make us wait would hold a thread of Node's pool.
      if (terminal.isTerminal(fd)) throw unfit('it is a terminal');
      if (majorOf(fd) !== memoryDevices) throw unfit('it is a device');
      return new RegularFile(files.duplicate(fd), signal);
    case 'fifo':
      return owning(reopen(fd, use), (own) => new Stream(own, byPipe, signal));
    case 'socket':
      return owning(files.duplicate(fd), (own) => new Stream(own, bySocket, signal));
    case 'directory':
    case 'block':
    case 'link':
    case 'other':
      throw unfit(kind === 'other' ? 'it is no file, pipe or socket' : `it is a ${kind}`);
  }
}

const unfit = (why: string): RunstateError => new RunstateError('STATEFILE_FILE', { why });

/** /dev/null, /dev/full, … */
const memoryDevices = 1;
const majorOf = (fd: number): number => (fstatSync(fd).rdev >> 8) & 0xfff;

/** An open file of our own for the same pipe: O_NONBLOCK belongs to the open file. */
function reopen(fd: number, use: Use): number {
  const flags = use === 'write' ? constants.O_WRONLY : constants.O_RDONLY;
  return openSync(`/proc/self/fd/${fd}`, flags | constants.O_NONBLOCK);
}

function owning<T>(fd: number, make: (fd: number) => T): T {
  try {
    return make(fd);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}
