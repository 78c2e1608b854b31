import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ControlClient, supervisorSocket } from '../../transport/client/index.ts';
import type { Plant } from './planted.ts';
import type { Probed } from './probe.ts';

const commandLine = fileURLToPath(new URL('../../../bin/runstate.cjs', import.meta.url));
const inMemory = fileURLToPath(new URL('./memory-supervisor.js', import.meta.url));
const probe = new URL('./probe.js', import.meta.url).href;

/** V8 drops the code of functions that were not called lately, and makes it anew: half a megabyte comes and goes by that. */
const flags = ['--expose-gc', '--no-flush-bytecode'];

/** In ms: what takes longer hangs. */
const patience = 30_000;

export interface SubjectOptions {
  readonly platform: 'linux' | 'memory';
  /** What its platform is made to keep of each sandbox, in memory only: for the soak's own test. */
  readonly plant?: Plant | undefined;
}

/** A supervisor of many sandboxes in a process of its own, as `runstate serve` is, that lives as long as the soak. */
export class Subject implements AsyncDisposable {
  readonly directory = mkdtempSync(join(tmpdir(), 'runstate-soak-'));
  readonly root = join(this.directory, 'root');
  readonly #log = join(this.directory, 'log');
  readonly #child: ChildProcess;
  readonly client: ControlClient;

  private constructor({ platform, plant }: SubjectOptions) {
    const program =
      platform === 'linux'
        ? [commandLine, '--root', this.root, '--log', this.#log, 'serve']
        : [inMemory, this.root, this.#log, ...(plant === undefined ? [] : [plant])];
    this.#child = spawn(process.execPath, [...flags, '--import', probe, ...program], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.client = new ControlClient([supervisorSocket(this.root)]);
  }

  /** Starts one, and waits until it answers. @throws Error when it does not */
  static async start(options: SubjectOptions): Promise<Subject> {
    const subject = new Subject(options);
    const deadline = performance.now() + patience;
    for (;;) {
      try {
        await subject.client.call('supervisor.List', null, { timeout: patience });
        return subject;
      } catch (error) {
        if (performance.now() > deadline || subject.#child.exitCode !== null) {
          await subject[Symbol.asyncDispose]();
          throw error;
        }
        await after(50);
      }
    }
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('the supervisor was not started');
    return this.#child.pid;
  }

  /** What it uses, when garbage has been collected. @throws Error when it does not say */
  async probed(): Promise<Probed> {
    const answer = once(this.#child, 'message', { signal: AbortSignal.timeout(patience) });
    this.#child.send('probe');
    const [probed] = (await answer) as [Probed];
    return probed;
  }

  /** What it has logged of that level. */
  logged(level: 'error' | 'warn'): readonly string[] {
    if (!existsSync(this.#log)) return [];
    return readFileSync(this.#log, 'utf8')
      .split('\n')
      .filter((line) => line.includes(` level=${level} `));
  }

  /** Ends it as a service manager does. Gives how it ended. */
  async stop(): Promise<number | string> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) return exitCode ?? signalCode ?? 'unknown';
    const ended = once(this.#child, 'exit', { signal: AbortSignal.timeout(patience) });
    this.#child.kill('SIGTERM');
    const [code, signal] = (await ended) as [number | null, string | null];
    return code ?? signal ?? 'unknown';
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.close();
    try {
      await this.stop();
    } finally {
      this.#child.kill('SIGKILL');
      rmSync(this.directory, { recursive: true, force: true });
    }
  }
}
