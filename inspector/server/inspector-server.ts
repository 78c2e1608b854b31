import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { nanoid } from 'nanoid';
import { isError, messageOf } from '../../errors/index.ts';
import { errorCodeOf } from '../../transport/client/index.ts';
import { answerGet, answerPost, type Answer, type AnswerOptions } from './answers.ts';
import { readAsset } from './assets.ts';
import { streamEvents } from './event-stream.ts';
import { headers } from './headers.ts';
import { StatelySockets } from '../stately/upgrade.ts';
import { isSecret } from './secret.ts';

export interface InspectorOptions extends AnswerOptions {
  /** 0: one that is free. */
  readonly port: number;
  /** Tools that take the messages of Stately's inspector may attach by WebSocket: {@link InspectorServer.statelyUrl}. */
  readonly withStately?: boolean;
}

/**
 * Serves the inspector's page on the loopback address. Who does not know the secret in its address gets nothing, and
 * neither does a page of another site whose name was made to lead here.
 */
export class InspectorServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #options: InspectorOptions;
  readonly #secret = nanoid(32);
  readonly #stately: StatelySockets | undefined;

  private constructor(options: InspectorOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => void this.#handle(request, response));
    this.#server.requestTimeout = 30_000;
    this.#stately = options.withStately === true ? new StatelySockets(options.source) : undefined;
    this.#server.on('upgrade', (request, socket: Duplex, head: Buffer) => {
      this.#upgrade(request, socket, head);
    });
  }

  /** @throws SystemError when the port cannot be had */
  static async listen(options: InspectorOptions): Promise<InspectorServer> {
    const inspector = new InspectorServer(options);
    inspector.#server.listen(options.port, '127.0.0.1');
    await once(inspector.#server, 'listening');
    return inspector;
  }

  /** With the secret. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}/${this.#secret}/`;
  }

  /** Where tools attach to a sandbox. */
  statelyUrl(sandbox: string): string {
    return `ws://127.0.0.1:${this.#port}/${this.#secret}/stately/${sandbox}`;
  }

  /** Ends what is under way, too. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stately?.[Symbol.dispose]();
    this.#server.close();
    this.#server.closeAllConnections();
    if (this.#server.listening) await once(this.#server, 'close');
  }

  get #port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const { secret, path, query } = addressOf(request);
      if (!this.#isOurs(request) || !isSecret(secret, this.#secret)) {
        send(response, 404, nothingHere);
        return;
      }
      if (path.length === 0) {
        // Without its last slash the page would look for its parts beside itself.
        response.writeHead(308, { ...headers, location: `/${secret}/` }).end();
        return;
      }
      if (request.method === 'GET' && path[0] === 'sandbox' && path[2] === 'events') {
        await streamEvents(this.#options.source, path[1] ?? '', response);
        return;
      }
      const answer =
        request.method === 'POST'
          ? await answerPost(this.#options, path, request)
          : request.method === 'GET'
            ? await this.#get(path, query)
            : undefined;
      if (answer === undefined) send(response, 404, nothingHere);
      else send(response, 200, answer);
    } catch (error) {
      send(response, statusOf(error), { type: 'text/plain; charset=utf-8', body: messageOf(error) });
    }
  }

  /** Any page may attach a tool, when it knows the secret. */
  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Whoever has gone is told by the closing.
    socket.on('error', () => undefined);
    // An id has no letters that need escaping; what has is none.
    const [, secret = '', what, sandbox = ''] = (request.url ?? '').split('/');
    const isWanted = this.#isNamedRightly(request) && isSecret(secret, this.#secret) && what === 'stately';
    if (isWanted && this.#stately !== undefined) this.#stately.take(request, socket, head, sandbox);
    // Neither http's limits nor its closing count for such a connection any more.
    else socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n', () => socket.destroy());
  }

  async #get(path: readonly string[], query: URLSearchParams): Promise<Answer | undefined> {
    const asset = await readAsset(path.join('/') || 'index.html');
    if (asset !== undefined) return { type: asset.type, body: asset.bytes };
    return answerGet(this.#options, path, query);
  }

  #isOurs(request: IncomingMessage): boolean {
    const { origin } = request.headers;
    const isOwnOrigin = origin === undefined || this.#names.some((name) => origin === `http://${name}`);
    return this.#isNamedRightly(request) && isOwnOrigin;
  }

  /** By the name that the browser was given: another name was made to lead to the loopback (DNS rebinding). */
  #isNamedRightly({ headers: { host } }: IncomingMessage): boolean {
    return this.#names.includes(host ?? '');
  }

  get #names(): readonly string[] {
    return [`127.0.0.1:${this.#port}`, `localhost:${this.#port}`];
  }
}

interface Address {
  readonly secret: string;
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

/** One that is none leads nowhere. */
function addressOf({ url = '/' }: IncomingMessage): Address {
  try {
    const { pathname, searchParams: query } = new URL(url, 'http://127.0.0.1');
    const [, secret = '', ...path] = pathname.split('/').map(decodeURIComponent);
    return { secret, path, query };
  } catch {
    return { secret: '', path: [], query: new URLSearchParams() };
  }
}

const nothingHere: Answer = { type: 'text/plain; charset=utf-8', body: 'there is nothing here' };

function send(response: ServerResponse, status: number, { type, body }: Answer): void {
  if (response.headersSent) {
    response.end();
    return;
  }
  response.writeHead(status, { ...headers, 'content-type': type }).end(body);
}

function statusOf(error: unknown): number {
  if (isError(error, 'USAGE')) return 400;
  if (isError(error, 'NOT_SUPPORTED')) return 403;
  const code = errorCodeOf(error);
  return code === 'SANDBOX_NOT_FOUND' || code === 'CONTAINER_NOT_FOUND' ? 404 : 502;
}
