import { execFile } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { RunstateError, messageOf } from '../../../errors/index.ts';
import { isErrno } from '../system-error.ts';
import { systemPath } from '../system-path.ts';

const run = promisify(execFile);

/** How long it may take, in ms. */
const timeout = 10_000;

const table = 'runstate_lock';
/** Before any other hook of the network. */
const rules = `table inet ${table} {
  chain in { type filter hook input priority -500; policy drop; }
  chain out { type filter hook output priority -500; policy drop; }
}
list table inet ${table}
`;

/**
 * Lets no packet pass in a network namespace, so that no end of a connection hears of the other while only one of them
 * is saved, or there again. CRIU's own lock would be one for each container, and takes longer.
 */
export class PacketLock implements AsyncDisposable {
  readonly #network: string;
  #isLocked = true;

  private constructor(network: string) {
    this.#network = network;
  }

  /**
   * @param network the pin of the network namespace
   * @throws RunstateError NOT_SUPPORTED where there is no nft; SYSTEM
   */
  static async take(network: string): Promise<PacketLock> {
    // Whoever takes over from a supervisor that dies meanwhile finds by it what to undo.
    writeFileSync(markOf(network), '', { mode: 0o600 });
    const there = await nft(network, rules);
    // Not to be taken on trust: without it connections are torn, and nothing else would tell.
    if (!there.includes(table))
      throw new RunstateError('SYSTEM', {
        call: 'nft',
        what: `in ${network}`,
        why: 'it reports success, but its rules are not there',
      });
    return new PacketLock(network);
  }

  /** Lets all pass again. Idempotent. @throws RunstateError SYSTEM */
  async release(): Promise<void> {
    if (!this.#isLocked) return;
    this.#isLocked = false;
    await nft(this.#network, `delete table inet ${table}\n`);
    rmSync(markOf(this.#network), { force: true });
  }

  /** Undoes what a supervisor that has died has left locked. Nothing to do where it has not. @throws RunstateError SYSTEM */
  static async undo(network: string): Promise<void> {
    if (!existsSync(markOf(network))) return;
    // It is there or not: made first, it can be deleted.
    await nft(network, `table inet ${table} {}\ndelete table inet ${table}\n`);
    rmSync(markOf(network), { force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }
}

const markOf = (network: string): string => `${network}-locked`;

/** Gives what it prints. */
async function nft(network: string, commands: string): Promise<string> {
  const env = { ...process.env, PATH: systemPath() };
  const child = run('nsenter', [`--net=${network}`, 'nft', '-f', '-'], { timeout, env });
  child.child.stdin?.end(commands);
  try {
    return (await child).stdout;
  } catch (error) {
    const said = messageOf(error);
    if (isErrno(error, 'ENOENT') || /nft: No such file|failed to execute nft/.test(said))
      throw new RunstateError(
        'NOT_SUPPORTED',
        {
          what: 'a checkpoint of open TCP connections',
          why: 'the program nft is missing; to install it: apt-get install nftables',
        },
        { cause: error },
      );
    throw new RunstateError('SYSTEM', { call: 'nft', what: `in ${network}`, why: said }, { cause: error });
  }
}

/** In /proc/net/tcp: a socket that only listens. */
const listening = '0A';

/** Whether a process's network namespace has TCP connections that a dump could tear. @throws SystemError */
export function hasConnections(pid: number): boolean {
  return ['tcp', 'tcp6'].some((name) => connections(`/proc/${pid}/net/${name}`) > 0);
}

function connections(file: string): number {
  try {
    const [, ...lines] = readFileSync(file, 'latin1').trim().split('\n');
    return lines.filter((line) => line.trim().split(/\s+/)[3] !== listening).length;
  } catch (error) {
    // A kernel without IPv6.
    if (isErrno(error, 'ENOENT')) return 0;
    throw error;
  }
}
