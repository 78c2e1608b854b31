/** What the tests of the transport share. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import { files, sockets } from '../../native/index.ts';
import type { SocketAddress } from '../../transport/address.ts';
import { createClient, type ControlClient } from '../../transport/client/index.ts';
import { ControlServer, type Handlers, type ServerOptions } from '../../transport/server/index.ts';

/** How many descriptors this process has open. */
export const openFiles = (): number => readdirSync('/proc/self/fd').length;

/** Waits until it is true; throws after 5 s. */
export async function until(what: () => boolean, why = 'it did not come true'): Promise<void> {
  const deadline = performance.now() + 5000;
  while (!what()) {
    if (performance.now() > deadline) throw new Error(why);
    await after(2);
  }
}

export interface Served {
  readonly server: ControlServer;
  readonly address: SocketAddress;
  readonly path: string;
  readonly client: ControlClient;
  end(): Promise<void>;
}

/** A server with these handlers at a path of its own, and a client of it; they end with the test. */
export async function serve(
  t: ExecutionContext,
  handlers: Handlers,
  options: Partial<ServerOptions> = {},
): Promise<Served> {
  const folder = mkdtempSync(join(tmpdir(), 'rs-'));
  const path = join(folder, 'control.sock');
  const address: SocketAddress = { kind: 'path', path };
  const server = await ControlServer.listen([address], { handlers, ...options });
  const client = createClient(address);
  const end = async (): Promise<void> => {
    client.close();
    await server.stop({ timeout: 1000 });
    rmSync(folder, { recursive: true, force: true });
  };
  t.teardown(end);
  return { server, address, path, client, end };
}

/** A client that says what it likes, byte by byte. */
export class RawClient {
  readonly fd: number;
  readonly received: number[] = [];
  text = '';
  #ended = false;

  constructor(path: string) {
    this.fd = sockets.connect(path);
  }

  async send(text: string | Buffer, fds: readonly number[] = []): Promise<void> {
    const bytes = Buffer.from(text);
    let [at, riding] = [0, fds];
    while (at < bytes.length) {
      const took = sockets.send(this.fd, bytes, at, riding);
      if (took === undefined) {
        await after(1);
        continue;
      }
      at += took;
      riding = [];
    }
  }

  /** Reads what is there. True when the server has closed the connection. */
  read(): boolean {
    const into = Buffer.alloc(1 << 16);
    while (!this.#ended) {
      const got = sockets.receive(this.fd, into, this.received);
      if (got === 'again') return false;
      if (got === 'truncated') throw new Error('truncated');
      if (got === 'end') this.#ended = true;
      else this.text += into.toString('latin1', 0, got);
    }
    return true;
  }

  /** Reads until so many replies have come, and gives them all. Small replies only. */
  async replies(count: number): Promise<string[]> {
    await until(() => {
      this.read();
      return this.#split().length >= count;
    }, `no ${count} replies, but: ${this.text}`);
    return this.#split();
  }

  async closed(): Promise<void> {
    await until(() => this.read(), `not closed; got: ${this.text}`);
  }

  /** Closes it, and the files that it got. */
  close(): void {
    for (const fd of this.received.splice(0)) files.close(fd);
    files.close(this.fd);
  }

  #split(): string[] {
    return this.text
      .split('{"success"')
      .slice(1)
      .map((rest) => `{"success"${rest}`);
  }
}

export const request = (method: string, arg: unknown): string => JSON.stringify({ method, arg });
export const ok = (result: unknown = {}): string =>
  `{"success":true,"err":"","result":${JSON.stringify(result)}}`;
