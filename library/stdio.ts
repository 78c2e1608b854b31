import { openSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { files } from '../native/index.ts';

/**
 * What one of a process's standard streams is: `pipe` (a stream here), `ignore` (/dev/null), `inherit` (this
 * program's own), or a descriptor, which stays the caller's.
 */
export type Stdio = 'pipe' | 'ignore' | 'inherit' | number;

export interface StdioOptions {
  /** `ignore` unless set. */
  readonly stdin?: Stdio;
  /** `pipe` unless set. */
  readonly stdout?: Stdio;
  /** `pipe` unless set. */
  readonly stderr?: Stdio;
}

/** The streams at this end; null for what is no pipe. */
export interface Streams {
  readonly stdin: Writable | null;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
}

/** Standard streams on their way to a process. */
export interface OpenStdio {
  /** To send: 0, 1 and 2. */
  readonly fds: readonly number[];
  readonly streams: Streams;
  /** The process has its own copies now: closes what was only to be sent. */
  sent(): void;
  /** It will never have them: closes everything. */
  discard(): void;
}

/**
 * Makes the pipes that the options ask for. Real ones: a checkpoint cannot save the socket pairs of Node's own `pipe`.
 * @throws SystemError, and nothing is left open
 */
export function openStdio(options: StdioOptions): OpenStdio {
  const toClose: number[] = [];
  const streams: Socket[] = [];
  let none: number | undefined;
  const fdOf = (choice: Stdio, own: 0 | 1 | 2): { readonly fd: number; readonly stream: Socket | null } => {
    if (typeof choice === 'number') return { fd: choice, stream: null };
    if (choice === 'inherit') return { fd: own, stream: null };
    if (choice === 'ignore') {
      if (none === undefined) {
        none = openSync('/dev/null', 'r+');
        toClose.push(none);
      }
      return { fd: none, stream: null };
    }
    const { read, write } = files.pipe();
    const [theirs, ours] = own === 0 ? [read, write] : [write, read];
    toClose.push(theirs);
    const stream = new Socket({ fd: ours, readable: own !== 0, writable: own === 0 });
    // A process that ends without reading all that it is given is no failure of this program.
    if (own === 0) stream.on('error', () => undefined);
    keepNobodyAlive(stream);
    streams.push(stream);
    return { fd: theirs, stream };
  };
  const sent = () => {
    for (const fd of toClose.splice(0)) files.close(fd);
  };
  const discard = () => {
    sent();
    for (const stream of streams) stream.destroy();
  };
  try {
    const stdin = fdOf(options.stdin ?? 'ignore', 0);
    const stdout = fdOf(options.stdout ?? 'pipe', 1);
    const stderr = fdOf(options.stderr ?? 'pipe', 2);
    return {
      fds: [stdin.fd, stdout.fd, stderr.fd],
      streams: { stdin: stdin.stream, stdout: stdout.stream, stderr: stderr.stream },
      sent,
      discard,
    };
  } catch (error) {
    // Too many files are open: those that were made are not left so.
    discard();
    throw error;
  }
}

/** A stream that is not read does not keep this program from ending; one that is being read does. */
function keepNobodyAlive(stream: Socket): void {
  stream.unref();
  stream.on('newListener', (event) => {
    if (event === 'data' || event === 'readable') stream.ref();
  });
  stream.on('resume', () => stream.ref());
}

/**
 * Lets go of output that nobody has begun to read: its descriptor would stay open until somebody does. What is being
 * read is read to its end.
 */
export function dropUnread({ stdout, stderr }: Streams): void {
  for (const stream of [stdout, stderr])
    if (stream?.readableFlowing === null && stream.listenerCount('readable') === 0) stream.destroy();
}
