/** System calls of a sandbox's processes, to the log: by strace(1), the distribution's. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { RunstateError, messageOf } from '../../../errors/index.ts';
import type { Logger } from '../../../log/logger.ts';
import type { TraceCallsOptions } from '../../inspection.ts';
import { systemPath } from '../system-path.ts';

/** Lines that one strace may log in a second; a program may make a million calls in it. */
const mostLines = 2000;

/** How long strace may take to attach, or to let go, in ms. */
const patience = 5000;

interface Running {
  readonly child: ChildProcess;
  readonly pids: ReadonlySet<number>;
}

export class CallTracer {
  readonly #log: Logger;
  #options: TraceCallsOptions | undefined;
  /** By container. */
  readonly #running = new Map<string, Set<Running>>();

  constructor(log: Logger) {
    this.#log = log;
  }

  get isOn(): boolean {
    return this.#options !== undefined;
  }

  /** Processes have a tracer now. */
  get isAttached(): boolean {
    return [...this.#running.values()].some((set) => set.size > 0);
  }

  /** Undefined when nothing is traced. */
  get options(): TraceCallsOptions | undefined {
    return this.#options;
  }

  /** From now on {@link attach} does something. */
  begin(options: TraceCallsOptions): void {
    this.#options = options;
  }

  /**
   * Traces these processes (by the host's numbers) and what they start, unless nothing is traced now or they are
   * already. Resolves when it has begun. @throws RunstateError NOT_SUPPORTED
   */
  async attach(cid: string, hostPids: readonly number[]): Promise<void> {
    const options = this.#options;
    const before = this.#running.get(cid) ?? new Set<Running>();
    const pids = hostPids.filter((pid) => ![...before].some((one) => one.pids.has(pid)));
    if (options === undefined || pids.length === 0) return;
    const child = spawn('strace', argumentsOf(options, pids), {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { PATH: systemPath() },
    });
    const running: Running = { child, pids: new Set(pids) };
    this.#running.set(cid, before.add(running));
    child.once('error', () => before.delete(running));
    child.once('exit', (code, signal) => {
      before.delete(running);
      // It ends with its processes; those whom `end` lets go are in no set any more.
      if (code === 0 || this.#running.get(cid) !== before) return;
      const how = { code, signal, pids: [...running.pids] };
      this.#log.warn('strace has ended: what it traced is not logged any more', { container: cid, ...how });
    });
    await this.#follow(cid, child);
  }

  /** Lets all go that is traced. */
  async end(): Promise<void> {
    this.#options = undefined;
    const children = [...this.#running.values()].flatMap((set) => [...set].map(({ child }) => child));
    this.#running.clear();
    await Promise.all(children.map(letGo));
  }

  /** Logs what it says. Resolves when it says that it has attached. */
  async #follow(cid: string, child: ChildProcess): Promise<void> {
    if (child.stderr === null) throw new Error('strace was started without its output');
    let inSecond = 0;
    let dropped = 0;
    let said: string | undefined;
    const lines = createInterface({ input: child.stderr });
    const began = new Promise<void>((resolve) => {
      lines.on('line', (line) => {
        said ??= line;
        if (/ attached$/.test(line)) resolve();
        if (++inSecond <= mostLines) this.#log.info('system call', { container: cid, call: line });
        else dropped += 1;
      });
    });
    const everySecond = setInterval(() => {
      if (dropped > 0) this.#log.warn('system calls that were not logged', { container: cid, dropped });
      inSecond = dropped = 0;
    }, 1000);
    everySecond.unref();
    for (const end of ['exit', 'error']) child.once(end, () => clearInterval(everySecond));
    const failed = new Promise<void>((_resolve, reject) => {
      const why = (cause: unknown): void =>
        reject(
          new RunstateError(
            'NOT_SUPPORTED',
            { what: 'tracing system calls', why: reasonOf(cause) },
            { cause },
          ),
        );
      child.once('error', why);
      child.once('exit', (code) => why(new Error(said ?? `strace ended with ${code ?? 'a signal'}`)));
    });
    // Its end is expected later on.
    failed.catch(() => undefined);
    await Promise.race([began, failed, timeLimit()]);
  }
}

function argumentsOf({ calls }: TraceCallsOptions, pids: readonly number[]): string[] {
  const which = calls.length === 0 ? [] : ['-e', `trace=${calls.join(',')}`];
  return ['-f', '-tt', '-T', '-s', '128', ...which, ...pids.flatMap((pid) => ['-p', String(pid)])];
}

function reasonOf(cause: unknown): string {
  const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
  return missing ? 'strace is not installed: apt-get install strace' : messageOf(cause);
}

const timeLimit = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, patience).unref());

/** SIGINT makes it detach; one that does not is killed, which lets its processes go as well. */
async function letGo(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = once(child, 'exit');
  child.kill('SIGINT');
  const kill = setTimeout(() => child.kill('SIGKILL'), patience);
  await ended;
  clearTimeout(kill);
}
