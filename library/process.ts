import { RunstateError } from '../errors/index.ts';
import { signalNumber } from '../oci/index.ts';
import { fromWaitStatus, toExitCode, type ExitStatus } from '../platforms/exit-status.ts';
import { errorCodeOf, type ControlClient } from '../transport/client/index.ts';
import { collect, type Output } from './output.ts';
import { dropUnread, type Streams } from './stdio.ts';

export interface ProcessOptions {
  readonly client: ControlClient;
  readonly cid: string;
  readonly pid: number;
  readonly hostPid: number;
  readonly streams: Streams;
  /** Kills the process when it is aborted. */
  readonly signal: AbortSignal | undefined;
  /** Milliseconds, after which the process is killed. */
  readonly timeout: number | undefined;
}

const SIGKILL = 9;

/** A process that an exec started in a container. */
export class Process {
  /** In the container's own numbering. */
  readonly pid: number;
  /** As the host numbers it; 0 where there is none. */
  readonly hostPid: number;
  readonly stdin: Streams['stdin'];
  readonly stdout: Streams['stdout'];
  readonly stderr: Streams['stderr'];
  readonly #options: ProcessOptions;
  readonly #ended: Promise<ExitStatus>;

  /** Made by `container.exec`. */
  constructor(options: ProcessOptions) {
    this.#options = options;
    this.pid = options.pid;
    this.hostPid = options.hostPid;
    this.stdin = options.streams.stdin;
    this.stdout = options.streams.stdout;
    this.stderr = options.streams.stderr;
    this.#ended = this.#end();
    // Whoever asks is told; that nobody asks is no unhandled rejection.
    this.#ended.catch(() => {
      dropUnread(options.streams);
      this.stdin?.destroy();
    });
  }

  /**
   * Resolves with how the process ended. As often as asked.
   * @throws RunstateError DEADLINE or CANCELLED when it was killed for its timeout or AbortSignal; CONNECTION when
   *   the supervisor has gone; ACTOR_GONE when the container was destroyed
   */
  wait(): Promise<ExitStatus> {
    return this.#ended;
  }

  /**
   * Reads standard output and error to their ends and waits for the process.
   * @throws as {@link wait}; INVALID_ARGUMENT for more than 64 MiB
   */
  async output(): Promise<Output> {
    const [stdout, stderr, status] = await Promise.all([
      collect(this.stdout, 'stdout'),
      collect(this.stderr, 'stderr'),
      this.#ended,
    ]);
    return {
      exitCode: toExitCode(status),
      signal: status.kind === 'signaled' ? status.signal : undefined,
      stdout: stdout.toString(),
      stderr: stderr.toString(),
    };
  }

  /** Sends a signal, by name (`SIGTERM`, `TERM`) or number. @throws RunstateError BAD_SIGNAL, SIGNAL_FAILED */
  async signal(signal: string | number): Promise<void> {
    await this.#kill(signalNumber(String(signal)));
  }

  async #kill(signo: number): Promise<void> {
    const { client, cid, pid } = this.#options;
    await client.call('containerManager.Signal', { CID: cid, Signo: signo, PID: pid, Mode: 0 });
  }

  async #end(): Promise<ExitStatus> {
    const { signal, timeout, cid, pid } = this.#options;
    const subject = { verb: 'run', kind: 'process', id: `${cid}/${pid}` };
    let why: RunstateError | undefined;
    let killed: Promise<void> | undefined;
    const kill = (error: RunstateError) => {
      if (why !== undefined) return;
      why = error;
      killed = this.#kill(SIGKILL);
      // Awaited below; it may fail before.
      killed.catch(() => undefined);
    };
    const cancel = () => kill(new RunstateError('CANCELLED', subject, { cause: signal?.reason }));
    const timer =
      timeout === undefined
        ? undefined
        : setTimeout(() => kill(new RunstateError('DEADLINE', { ...subject, ms: timeout })), timeout);
    signal?.addEventListener('abort', cancel, { once: true });
    if (signal?.aborted === true) cancel();
    try {
      const status = await this.#status();
      await killed?.catch((error: unknown) => {
        // It was quicker than its killer.
        if (status.kind === 'unknown') throw error;
      });
      if (why !== undefined) throw why;
      return status;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
    }
  }

  async #status(): Promise<ExitStatus> {
    const { client, cid, pid } = this.#options;
    try {
      return fromWaitStatus(await client.call('containerManager.WaitPID', { PID: pid, CID: cid }));
    } catch (error) {
      if (errorCodeOf(error) !== 'STATUS_UNKNOWN' || !(error instanceof Error)) throw error;
      return { kind: 'unknown', why: error.message };
    }
  }
}
