import type { WebSocket } from 'ws';
import { messageOf } from '../../errors/index.ts';
import { isObservation } from '../../observation/export-file.ts';
import type { Source } from '../server/source.ts';
import { StatelyMessages } from './messages.ts';

/** WebSocket close codes (RFC 6455, 7.4.1). */
const [normal, failed] = [1000, 1011];

/** Sends a sandbox to a tool that takes the messages of Stately's inspector, until either is gone. */
export async function streamStately(source: Source, id: string, socket: WebSocket): Promise<void> {
  const gone = new AbortController();
  socket.on('close', () => gone.abort());
  socket.on('error', () => gone.abort());
  const messages = new StatelyMessages();
  try {
    await source.follow(id, gone.signal, async (lines) => {
      for (const line of lines.split('\n')) {
        const value: unknown = line === '' ? undefined : JSON.parse(line);
        if (isObservation(value))
          for (const message of messages.of(value)) await send(socket, JSON.stringify(message));
      }
    });
    socket.close(normal, 'the sandbox is gone');
  } catch (error) {
    // A reason has at most 123 bytes.
    socket.close(failed, messageOf(error).slice(0, 40));
  }
}

/** Waits until it is written, so that a tool that is slow is sent no more; one that has gone is told by its closing. */
const send = (socket: WebSocket, text: string): Promise<void> =>
  new Promise((resolve) => socket.send(text, () => resolve()));
