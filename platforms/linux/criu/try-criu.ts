import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { promisify } from 'node:util';
import { builtFile, processes } from '../../../native/index.ts';
import { makeNetwork, removeNetwork } from '../namespaces/network.ts';
import { isErrno } from '../system-error.ts';
import { tellingLines } from './telling-lines.ts';

const run = promisify(execFile);

/** How long each of a dump and a restore may take, in ms. */
const timeout = 10_000;
/** How long the program may take to count on, in ms. */
const patience = 2000;

/**
 * Whether a CRIU works on this machine, by what it is for: a program with an open TCP connection, in a network
 * namespace of its own, is saved, is gone, comes back and goes on. (`criu check` passes where such a dump fails.)
 * Gives undefined when it works, else why not. Takes about half a second; nothing is left.
 */
export async function tryCriu(criu: string): Promise<string | undefined> {
  const directory = mkdtempSync(join(tmpdir(), 'runstate-criu-'));
  const network = join(directory, 'netns');
  try {
    await makeNetwork(network);
    try {
      return await saveAndBringBack(criu, directory, network);
    } finally {
      removeNetwork(network);
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function saveAndBringBack(
  criu: string,
  directory: string,
  network: string,
): Promise<string | undefined> {
  const images = join(directory, 'images');
  const count = join(directory, 'count');
  mkdirSync(images);
  // A session of its own, as nothing outside of what is saved may have to do with it.
  const talker = spawn('nsenter', [`--net=${network}`, builtFile('talker'), count], {
    stdio: 'ignore',
    detached: true,
  });
  const ended = once(talker, 'exit');
  try {
    await grows(count, 0);
    await step(criu, network, images, ['dump', '--tree', String(talker.pid)]);
  } finally {
    talker.kill('SIGKILL');
    await ended;
  }
  const before = statSync(count).size;
  await step(criu, network, images, ['restore', '--restore-detached', '--pidfile', join(images, 'pid')]);
  try {
    await grows(count, before);
  } finally {
    end(Number(readFileSync(join(images, 'pid'), 'latin1')));
  }
  return undefined;
}

async function step(criu: string, network: string, images: string, args: readonly string[]): Promise<void> {
  const [command = ''] = args;
  const log = `${command}.log`;
  const common = ['--images-dir', images, '--tcp-established', '--network-lock', 'skip', '--log-file', log];
  try {
    await run('nsenter', [`--net=${network}`, criu, ...args, ...common], { timeout });
  } catch (error) {
    const said = tellingLines(join(images, log)).join('; ');
    const why = said === '' ? (error instanceof Error ? error.message : String(error)) : said;
    throw new Error(`${command}: ${why}`, { cause: error });
  }
}

async function grows(file: string, from: number): Promise<void> {
  const deadline = performance.now() + patience;
  for (;;) {
    const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    if (size > from) return;
    if (performance.now() > deadline) throw new Error('what was saved does not go on');
    await after(5);
  }
}

function end(pid: number): void {
  try {
    processes.kill(pid, 9);
  } catch (error) {
    if (!isErrno(error, 'ESRCH')) throw error;
  }
}
