/**
 * Stream sockets of the Unix family that carry descriptors (unix(7)). Node's `net` has no descriptor passing, no
 * peer credentials, and cannot connect to an abstract name that holds a NUL byte.
 *
 * Descriptors that come from here are close-on-exec and non-blocking, and belong to the caller. All functions
 * throw a {@link SystemError}.
 */
import { binding } from './binding.ts';

/** A name of the file system as it is, or an abstract one: its first byte is NUL. At most 107 bytes (108 abstract). */
export type SocketName = string | Uint8Array;

export interface Credentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

/** The most descriptors that the kernel lets one message have is 253; this is urpc's own bound. */
export const maxFiles = 128;

const bytesOf = (name: SocketName): Uint8Array => (typeof name === 'string' ? Buffer.from(name) : name);

/** A listening socket. EADDRINUSE when the name is taken (a file that nobody listens on any more, too). */
export function listen(name: SocketName, backlog = 1024): number {
  return binding().listenUnix(bytesOf(name), backlog);
}

/** A connected socket. EAGAIN when the server's backlog is full: connecting does not wait, try again later. */
export function connect(name: SocketName): number {
  return binding().connectUnix(bytesOf(name));
}

/** The next waiting client; undefined when there is none. */
export function accept(listener: number): number | undefined {
  const fd = binding().accept(listener);
  return fd < 0 ? undefined : fd;
}

/** Who is at the other end, as of when it connected (SO_PEERCRED). */
export function peerCredentials(fd: number): Credentials {
  const [pid, uid, gid] = binding().peerCredentials(fd);
  return { pid, uid, gid };
}

/**
 * A pidfd of who connected, close-on-exec (SO_PEERPIDFD); undefined before Linux 6.5. ESRCH, or EINVAL, when that
 * process has gone.
 */
export function peerPidfd(fd: number): number | undefined {
  const pidfd = binding().peerPidfd(fd);
  return pidfd < 0 ? undefined : pidfd;
}

/** Two connected sockets. */
export function socketPair(): readonly [number, number] {
  return binding().socketPair();
}

const shutdownHow = { read: 0, write: 1, both: 2 } as const;

/** Ends one direction; the other side reads an end of stream. */
export function shutdown(fd: number, direction: keyof typeof shutdownHow): void {
  binding().shutdown(fd, shutdownHow[direction]);
}

/** True when the other side has gone. One that has only ended its sending direction, and still reads, has not. */
export function hungUp(fd: number): boolean {
  return binding().hungUp(fd);
}

/**
 * Sends what fits of `data` from `offset` on, with copies of `files` riding on the first byte. Gives the number of
 * bytes taken, or undefined when the socket is full: then nothing, and no file, was sent. When fewer bytes than
 * offered were taken all the files have gone: send the rest without them. Files need at least one byte.
 */
export function send(
  fd: number,
  data: Uint8Array,
  offset = 0,
  files: readonly number[] = [],
): number | undefined {
  const sent = binding().send(fd, data, offset, files);
  return sent < 0 ? undefined : sent;
}

/** Outcomes of {@link receive} that are no number of bytes. */
export type Received = number | 'again' | 'end' | 'truncated';

/**
 * Receives into the buffer and pushes the descriptors that came on `files`; the caller owns them.
 * - a number: so many bytes. Fewer than fit does not mean that no more are there.
 * - `again`: nothing is there now.
 * - `end`: the other side has ended its stream.
 * - `truncated`: the kernel dropped descriptors (too many, or this process is at its limit); those that came are
 *   closed already. The message cannot be trusted any more.
 */
export function receive(fd: number, into: Uint8Array, files: number[]): Received {
  const bytes = binding().receive(fd, into, files);
  if (bytes > 0) return bytes;
  return bytes === 0 ? 'end' : bytes === -1 ? 'again' : 'truncated';
}
