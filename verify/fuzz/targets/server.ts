import { mkdtempSync, openSync, closeSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Supervisor } from '../../../actors/supervisor/index.ts';
import { silent } from '../../../log/logger.ts';
import { memoryPlatform } from '../../../platforms/memory/index.ts';
import { ControlClient, sandboxSocket } from '../../../transport/client/index.ts';
import { serveSandboxes } from '../../../transport/control/index.ts';
import type { OpenTarget, Target } from '../target.ts';
import { messages } from './messages.ts';

/** In ms: how long a server may think about what it got before the next comes. */
const patience = 200;
/** More descriptors than that cannot be those of a few inputs that are still being answered. */
const most = 20;

/** A server that hosts a sandbox in memory: whatever one client sends, another is answered, and nothing stays open. */
export const server: Target = { name: 'a live server', seeds: messages.seeds, open };

async function open(): Promise<OpenTarget> {
  const root = mkdtempSync(join(tmpdir(), 'runstate-fuzz-'));
  const id = `fuzz-${process.pid}`;
  const supervisor = new Supervisor({
    ...{ root, platform: memoryPlatform(), log: silent, serve: serveSandboxes(root) },
  });
  const call = { signal: new AbortController().signal, correlation: 'fuzz', log: silent };
  await supervisor.boot(id, call);
  const address = sandboxSocket(root, id);
  const client = await ControlClient.connect(address);
  const before = openFiles();
  const faults: unknown[] = [];
  const fault = (error: unknown): void => void faults.push(error);
  process.on('unhandledRejection', fault);
  return {
    read: async (input) => {
      // It may ask that it be destroyed: then there is another.
      if (supervisor.sandboxes.length === 0) await supervisor.boot(id, call);
      await send(address.kind === 'path' ? address.path : '', input);
      const [first] = faults;
      if (first !== undefined) throw new Error('nobody handled an error', { cause: first });
      if (supervisor.sandboxes.length === 0) return;
      await client.call('runstate.List', null, { timeout: 5000 });
      if (openFiles() > before + most)
        throw new Error(`${openFiles()} descriptors are open, and were ${before}`);
    },
    close: async () => {
      client.close();
      await supervisor.destroyAll(call);
      process.off('unhandledRejection', fault);
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** Until it has been answered, or the server has had time to. */
function send(path: string, input: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const timer = setTimeout(() => socket.destroy(), patience);
    // Whoever is hung up on has sent what is none.
    socket.on('error', () => undefined);
    socket.on('data', () => socket.destroy());
    socket.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
    socket.end(input);
  });
}

function openFiles(): number {
  // One is open for the looking itself, and gone.
  closeSync(openSync('/dev/null', 'r'));
  return readdirSync('/proc/self/fd').length;
}
