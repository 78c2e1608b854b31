import type { ExitStatus } from '../platforms/exit-status.ts';
import { fromWaitStatus } from '../platforms/exit-status.ts';
import { signalNumber } from '../oci/index.ts';
import {
  errorCodeOf,
  type ContainerState,
  type ControlClient,
  type WireProcess,
  type WireStats,
} from '../transport/client/index.ts';
import { removeBundle } from './bundle.ts';
import { processSpec, type ProcessChoices } from './process-spec.ts';
import { Process } from './process.ts';
import { dropUnread, openStdio, type StdioOptions, type Streams } from './stdio.ts';

export interface ExecOptions extends ProcessChoices, StdioOptions {
  /** Kills the process when it is aborted. */
  readonly signal?: AbortSignal;
  /** Milliseconds, after which the process is killed. */
  readonly timeout?: number;
}

const noStreams: Streams = { stdin: null, stdout: null, stderr: null };

/** A handle of one container. What it is asked is refused by the container's state, with WRONG_STATE. */
export class Container {
  readonly id: string;
  readonly sandboxId: string;
  /** Of the container's own program, when it was started through this handle with pipes. */
  readonly stdin: Streams['stdin'];
  readonly stdout: Streams['stdout'];
  readonly stderr: Streams['stderr'];
  readonly #client: ControlClient;
  readonly #bundle: string | undefined;

  /**
   * Made by a Sandbox.
   * @param bundle a directory that was made for it and goes when this handle destroys it
   */
  constructor(
    client: ControlClient,
    sandboxId: string,
    id: string,
    streams: Streams = noStreams,
    bundle?: string,
  ) {
    this.#client = client;
    this.#bundle = bundle;
    this.sandboxId = sandboxId;
    this.id = id;
    this.stdin = streams.stdin;
    this.stdout = streams.stdout;
    this.stderr = streams.stderr;
  }

  get #isRoot(): boolean {
    return this.id === this.sandboxId;
  }

  /**
   * Starts a process in the running container.
   *
   * ```ts
   * const { stdout, exitCode } = await (await container.exec(['uname', '-a'])).output();
   * ```
   * @param args the program, looked up in PATH, and its arguments
   * @throws RunstateError COMMAND_NOT_FOUND, COMMAND_NOT_EXECUTABLE, WRONG_STATE, CONTAINER_NOT_FOUND, CANCELLED
   */
  async exec(args: readonly string[], options: ExecOptions = {}): Promise<Process> {
    const stdio = openStdio(options);
    try {
      const started = await this.#client.call(
        'runstate.Execute',
        { CID: this.id, Process: processSpec(args, options), ConsoleSocket: '' },
        { files: stdio.fds, ...(options.signal === undefined ? {} : { signal: options.signal }) },
      );
      stdio.sent();
      return new Process({
        client: this.#client,
        cid: this.id,
        pid: started.PID,
        hostPid: started.HostPID,
        streams: stdio.streams,
        signal: options.signal,
        timeout: options.timeout,
      });
    } catch (error) {
      stdio.discard();
      throw error;
    }
  }

  /** Freezes it: the sandbox's root container with all others of the sandbox, at one instant. */
  async pause(): Promise<void> {
    if (this.#isRoot) await this.#client.call('containerManager.Pause', null);
    else await this.#client.call('runstate.PauseContainer', { CID: this.id });
  }

  /** Undoes {@link pause}. */
  async resume(): Promise<void> {
    if (this.#isRoot) await this.#client.call('containerManager.Resume', null);
    else await this.#client.call('runstate.ResumeContainer', { CID: this.id });
  }

  /**
   * Signals the container's own program, or with `all` every process in it.
   * @param signal name (`SIGTERM`, `TERM`) or number; 0 only asks whether it is there
   */
  async signal(signal: string | number, options: { readonly all?: boolean } = {}): Promise<void> {
    const Mode = options.all === true ? 1 : 0;
    const Signo = signalNumber(String(signal));
    await this.#client.call('containerManager.Signal', { CID: this.id, Signo, PID: 0, Mode });
  }

  /** Resolves with how the container's own program ended. As often as asked. */
  async wait(options: { readonly signal?: AbortSignal } = {}): Promise<ExitStatus> {
    try {
      return fromWaitStatus(await this.#client.call('containerManager.Wait', this.id, options));
    } catch (error) {
      if (errorCodeOf(error) !== 'STATUS_UNKNOWN' || !(error instanceof Error)) throw error;
      return { kind: 'unknown', why: error.message };
    }
  }

  processes(): Promise<readonly WireProcess[]> {
    return this.#client.call('containerManager.Processes', this.id);
  }

  /** Counters, in bytes, nanoseconds and counts. */
  stats(): Promise<WireStats> {
    return this.#client.call('runstate.Stats', { CID: this.id });
  }

  /** OCI's state document, and the chart's state. */
  state(): Promise<ContainerState> {
    return this.#client.call('runstate.State', { CID: this.id });
  }

  /**
   * Kills all its processes and removes it; the root container with its whole sandbox. Output of its program that
   * nobody has begun to read is dropped.
   */
  async destroy(): Promise<void> {
    await this.#client.call('containerManager.Destroy', this.id);
    dropUnread(this);
    this.stdin?.destroy();
    if (this.#bundle !== undefined) await removeBundle(this.#bundle);
  }
}
