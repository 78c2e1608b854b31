/** A control server in another process, and no other part of runstate in this one than its client. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';
import { createClient, type ClientOptions, type ControlClient } from 'runstate/client';

export interface EchoServer {
  readonly path: string;
  readonly client: ControlClient;
  /** Resolves when it has printed that line. */
  readonly prints: (line: string) => Promise<void>;
  /** Kills it as a crash does. */
  readonly crash: () => Promise<void>;
  /** Another one at the same path. */
  readonly restart: () => Promise<void>;
}

const program = fileURLToPath(new URL('echo-server.js', import.meta.url));

/** Starts a server; it and its client end with the test. */
export async function startServer(t: ExecutionContext, options: ClientOptions = {}): Promise<EchoServer> {
  const folder = mkdtempSync(join(tmpdir(), 'rs-client-'));
  const path = join(folder, 'control.sock');
  const client = createClient(path, options);
  let running = await launch(path);
  const crash = async (): Promise<void> => {
    if (running.child.exitCode !== null || running.child.signalCode !== null) return;
    const ended = once(running.child, 'exit');
    running.child.kill('SIGKILL');
    await ended;
  };
  t.teardown(async () => {
    client.close();
    await crash();
    rmSync(folder, { recursive: true });
  });
  return {
    path,
    client,
    prints: (line) => running.prints(line),
    crash,
    restart: async () => {
      await crash();
      running = await launch(path);
    },
  };
}

interface Running {
  readonly child: ChildProcess;
  readonly prints: (line: string) => Promise<void>;
}

async function launch(path: string): Promise<Running> {
  const child = spawn(process.execPath, [program, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const seen: string[] = [];
  const lines = createInterface({ input: child.stdout }).on('line', (line) => seen.push(line));
  const prints = async (line: string): Promise<void> => {
    const signal = AbortSignal.timeout(20_000);
    while (!seen.includes(line)) await once(lines, 'line', { signal });
  };
  await prints('listening');
  return { child, prints };
}

export const execArgs = {
  filename: '',
  argv: ['hello', 'wörld'],
  envv: [],
  wd: '',
  KUID: 0,
  KGID: 0,
  ExtraKGIDs: [],
  Capabilities: null,
  StdioIsPty: false,
  ContainerID: 'c',
};
