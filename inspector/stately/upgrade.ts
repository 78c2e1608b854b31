import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Source } from '../server/source.ts';
import { streamStately } from './stately-stream.ts';

/** A tool has nothing to say: bytes. */
const mostReceived = 1024;

/** The WebSockets of an inspector, by which tools for Stately's messages are attached. */
export class StatelySockets implements Disposable {
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: mostReceived });
  readonly #source: Source;

  constructor(source: Source) {
    this.#source = source;
  }

  /** Takes over a connection that may have it. */
  take(request: IncomingMessage, socket: Duplex, head: Buffer, sandbox: string): void {
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      void streamStately(this.#source, sandbox, webSocket);
    });
  }

  [Symbol.dispose](): void {
    for (const client of this.#server.clients) client.terminate();
    this.#server.close();
  }
}
