/** Says again to a sandbox of ours what a recorded client said, byte for byte but for ids, pids and paths. */
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { files, sockets, terminal } from '../../native/index.ts';
import { errorCodeOf } from '../../transport/client/index.ts';
import type { Bench } from '../control/support.ts';
import { rootfs } from '../control/support.ts';
import { RawClient } from '../transport/support.ts';
import { methodOf, type RecordedCall, type RecordedLife } from './recordings.ts';

export interface Replayed {
  readonly call: RecordedCall;
  /** What our server answered. */
  readonly reply: string;
  /** What the process that it started wrote; undefined where none was recorded. */
  readonly wrote: string | undefined;
}

/** A call that has been sent. */
interface Sent {
  readonly call: RecordedCall;
  readonly client: RawClient;
  readonly output: OutputFile;
  /** The other ends of what was sent: a terminal hangs up when nobody has its master. */
  readonly close: () => void;
}

const replyTimeout = 30_000;
const killAfter = 100;

/** Replays a life in a sandbox whose root container is as it was then; at its end the root container is killed. */
export class Replay {
  readonly #bench: Bench;
  readonly #life: RecordedLife;
  /** Ours by theirs, of the processes that were started. */
  readonly #pids = new Map<number, number>();
  readonly #open: (() => void)[] = [];
  #files = 0;

  constructor(bench: Bench, life: RecordedLife) {
    this.#bench = bench;
    this.#life = life;
  }

  async run(): Promise<readonly Replayed[]> {
    const replayed: Replayed[] = [];
    const left: Sent[] = [];
    for (const call of this.#life.calls) {
      const sent = await this.#send(call);
      // The client had gone before an answer came: it comes when there is one.
      if (call.reply === undefined) left.push(sent);
      else replayed.push(await this.#finish(sent));
      // It had ended by the time of the next command.
      const killed = /"CID":"([^"]*)","Signo":9,"PID":0/.exec(call.request)?.[1];
      if (killed !== undefined) await this.#untilStopped(this.#idFor(killed));
    }
    await this.#kill();
    for (const sent of left) replayed.push(await this.#finish(sent));
    for (const close of this.#open) close();
    return replayed;
  }

  async #send(call: RecordedCall): Promise<Sent> {
    const output = new OutputFile(join(this.#bench.root, `output-${++this.#files}`));
    const { fds, close } = openFiles(call.files, output);
    const client = new RawClient(join(this.#bench.root, `runsc-${this.#bench.id}.sock`));
    await client.send(await this.#translate(call.request), fds);
    return { call, client, output, close };
  }

  async #finish({ call, client, output, close }: Sent): Promise<Replayed> {
    // Another command killed it meanwhile.
    const kill = call.command === 'wait' ? after(killAfter).then(() => this.#kill()) : undefined;
    try {
      const reply = await replyOf(client);
      const [theirs, ours] = [numberIn(call.reply ?? ''), numberIn(reply)];
      if (methodOf(call.request).endsWith('ExecuteAsync') && theirs !== undefined && ours !== undefined)
        this.#pids.set(theirs, ours);
      const wrote = call.writes === undefined ? undefined : await output.until(call.writes);
      return { call, reply, wrote };
    } finally {
      // Here, not when it comes: a reply may be there before it, and the bench closed after that.
      await kill;
      client.close();
      output.close();
      // What holds the terminal of a process that goes on, too, until the life ends.
      this.#open.push(close);
    }
  }

  /** Our ids, pids and paths in the place of theirs. */
  async #translate(request: string): Promise<string> {
    const pid = Number(/"PID":(\d+)/.exec(request)?.[1] ?? 0);
    const ours = pid < 2 ? pid : (this.#pids.get(pid) ?? (await this.#freshSleep()));
    return request
      .replaceAll(`"${this.#life.sandbox}"`, `"${this.#bench.id}"`)
      .replace(`"PID":${pid}`, `"PID":${ours}`)
      .replace('"/bundle/rootfs"', JSON.stringify(rootfs));
  }

  /** A `sleep 1` of the root container's loop that has only begun. */
  async #freshSleep(): Promise<number> {
    const asleep = async (): Promise<number> => {
      const all = await this.#bench.client.call('containerManager.Processes', this.#bench.id);
      const shells = all.filter(({ cmd }) => cmd === 'sh').map(({ pid }) => pid);
      return all.find(({ ppid, cmd }) => cmd === 'sleep' && shells.includes(ppid))?.pid ?? 0;
    };
    const before = await asleep();
    const deadline = performance.now() + replyTimeout;
    while (performance.now() < deadline) {
      await after(10);
      const now = await asleep();
      if (now !== 0 && now !== before) return now;
    }
    throw new Error('no sleep came');
  }

  #idFor(recorded: string): string {
    return recorded === this.#life.sandbox ? this.#bench.id : recorded;
  }

  async #untilStopped(CID: string): Promise<void> {
    const deadline = performance.now() + replyTimeout;
    while ((await this.#bench.client.call('runstate.State', { CID })).status !== 'stopped') {
      if (performance.now() > deadline) throw new Error(`${CID} was not stopped by its kill`);
      await after(5);
    }
  }

  async #kill(): Promise<void> {
    const { client, id } = this.#bench;
    try {
      await client.call('containerManager.Signal', { CID: id, Signo: 9, PID: 0, Mode: 1 });
    } catch (error) {
      // It has ended, or is about to.
      if (!['WRONG_STATE', 'SIGNAL_FAILED'].includes(errorCodeOf(error) ?? '')) throw error;
    }
  }
}

/** A file that a process writes to. */
class OutputFile {
  readonly path: string;
  readonly fd: number;

  constructor(path: string) {
    this.path = path;
    this.fd = openSync(path, 'wx+', 0o600);
  }

  /** What is in it, when that has become what is waited for; at the latest after 10 s. */
  async until(wanted: string): Promise<string> {
    const deadline = performance.now() + 10_000;
    for (;;) {
      const text = readFileSync(this.path, 'utf8');
      if (text === wanted || performance.now() > deadline) return text;
      await after(5);
    }
  }

  close(): void {
    closeSync(this.fd);
    rmSync(this.path);
  }
}

/** Files of the recorded kinds, to send. */
function openFiles(
  kinds: readonly string[],
  output: OutputFile,
): { readonly fds: readonly number[]; readonly close: () => void } {
  const opened: number[] = [];
  const open = (...fds: number[]): number => {
    opened.push(...fds);
    return fds[0] ?? -1;
  };
  let tty: number | undefined;
  const fds = kinds.map((kind) => {
    if (kind === 'null') return open(openSync('/dev/null', 'r+'));
    if (kind === 'socket') return open(...sockets.socketPair());
    if (kind === 'file') return output.fd;
    if (tty === undefined) {
      const { master, slave } = terminal.openTerminal();
      tty = open(slave, master);
    }
    return tty;
  });
  const close = (): void => {
    for (const fd of opened.splice(0)) files.close(fd);
  };
  return { fds, close };
}

async function replyOf(client: RawClient): Promise<string> {
  const deadline = performance.now() + replyTimeout;
  while (performance.now() < deadline) {
    await after(2);
    const isEnded = client.read();
    if (isComplete(client.text)) return client.text;
    if (isEnded) throw new Error(`the connection ended after ${client.text}`);
  }
  throw new Error(`no reply within ${replyTimeout} ms, but ${client.text}`);
}

function isComplete(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    // More is to come.
    return false;
  }
}

/** The result of a reply, when it is a number. */
function numberIn(reply: string): number | undefined {
  const text = /"result":(\d+)\}$/.exec(reply)?.[1];
  return text === undefined ? undefined : Number(text);
}

/** The sentence of a reply's error; "" when there is none. */
export function errorIn(reply: string): string {
  const parsed: unknown = JSON.parse(reply);
  if (typeof parsed !== 'object' || parsed === null || !('err' in parsed)) return '';
  return typeof parsed.err === 'string' ? parsed.err : '';
}
