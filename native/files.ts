/**
 * Descriptors: what Node's `fs` does not do with them. Those that are made here are close-on-exec and the
 * caller's. All functions throw a {@link SystemError}.
 */
import { binding } from './binding.ts';

/** The two ends of a pipe. */
export interface Pipe {
  readonly read: number;
  readonly write: number;
}

export type FileKind = 'file' | 'directory' | 'character' | 'block' | 'fifo' | 'socket' | 'link' | 'other';
export type AccessMode = 'read' | 'write' | 'both' | 'none';

/** A real pipe. (Node's own `stdio: 'pipe'` is a socket pair, which a checkpoint cannot save.) */
export function pipe(options: { readonly nonBlocking?: boolean } = {}): Pipe {
  const [read, write] = binding().pipe(options.nonBlocking ?? false);
  return { read, write };
}

/**
 * What is at a path when that open directory is taken for the root: a descriptor that can be looked at (fstat), and not
 * read. Links that would lead out lead to the directory itself. EXDEV: one of the kind of /proc/self/exe is on the way.
 */
export function openIn(directory: number, path: string): number {
  return binding().openIn(directory, path);
}

/** Another descriptor of the same open file. */
export function duplicate(fd: number): number {
  return binding().duplicate(fd);
}

/** Closes a descriptor. EBADF tells of a wrong owner: do not swallow it. */
export function close(fd: number): void {
  binding().close(fd);
}

/** Reads once, without the thread pool: the bytes read, `end`, or undefined when nothing is there now. */
export function read(fd: number, into: Uint8Array): number | 'end' | undefined {
  const bytes = binding().read(fd, into);
  if (bytes < 0) return undefined;
  return bytes === 0 && into.length > 0 ? 'end' : bytes;
}

/** Writes once, without the thread pool: the bytes taken, or undefined when there is no room now. EPIPE without a signal. */
export function write(fd: number, data: Uint8Array, offset = 0): number | undefined {
  const bytes = binding().write(fd, data, offset);
  return bytes < 0 ? undefined : bytes;
}

/** Sets or clears O_NONBLOCK, for everyone that shares the open file. */
export function setNonBlocking(fd: number, on: boolean): void {
  binding().setNonBlocking(fd, on);
}

/** What the descriptor may be used for. `none`: it was opened with O_PATH. */
export function accessMode(fd: number): AccessMode {
  const flags = binding().statusFlags(fd);
  const O_PATH = 0o10000000;
  if ((flags & O_PATH) !== 0) return 'none';
  return (['read', 'write', 'both'] as const)[flags & 3] ?? 'none';
}

const kinds: Readonly<Record<number, FileKind>> = {
  0o100000: 'file',
  0o040000: 'directory',
  0o020000: 'character',
  0o060000: 'block',
  0o010000: 'fifo',
  0o140000: 'socket',
  0o120000: 'link',
};

/** What the descriptor is (fstat). A pidfd or an eventfd is `other`. */
export function fileKind(fd: number): FileKind {
  return kinds[binding().fileType(fd)] ?? 'other';
}

/** An eventfd with that count. */
export function eventFd(initial = 0, options: { readonly nonBlocking?: boolean } = {}): number {
  return binding().eventFd(initial, options.nonBlocking ?? false);
}

const lockKinds = { shared: 1, exclusive: 2, none: 8 } as const;

/** Takes (or with `none` gives back) flock(2)'s lock on the open file, without waiting. False: somebody else holds it. */
export function tryLock(fd: number, kind: keyof typeof lockKinds): boolean {
  return binding().lock(fd, lockKinds[kind]);
}
