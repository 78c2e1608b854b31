import { Socket } from 'node:net';

/**
 * All that comes out of a pipe, which is closed then; when `signal` is aborted, at once. As a socket: a read of a file's
 * stream could not be given up while it waits, and would hold one of Node's few threads.
 * @throws SystemError; Error when it was given up
 */
export async function readToEnd(fd: number, signal: AbortSignal): Promise<Buffer> {
  const stream = new Socket({ fd, readable: true, writable: false });
  const giveUp = (): void => {
    stream.destroy(new Error('it was given up'));
  };
  signal.addEventListener('abort', giveUp, { once: true });
  if (signal.aborted) giveUp();
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of stream) chunks.push(Buffer.from(chunk as Uint8Array));
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
  return Buffer.concat(chunks);
}
