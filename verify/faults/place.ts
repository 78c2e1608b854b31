import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { namespace } from '../../native/index.ts';
import { defaultSpec } from '../../oci/index.ts';
import type { ContainerSpec } from '../../oci/types.ts';
import { ControlClient, sandboxSocket } from '../../transport/client/index.ts';

const program = fileURLToPath(new URL('../../../bin/runstate.cjs', import.meta.url));

/** In ms: what takes longer hangs. */
export const timeout = 20_000;

let count = 0;

/** Where one life of a sandbox takes place: a run directory of its own, and supervisors that are made to die. */
export class Place implements Disposable {
  readonly id = `faults-${process.pid}-${++count}`;
  readonly directory = mkdtempSync(join(tmpdir(), 'runstate-faults-'));
  readonly root = join(this.directory, 'root');
  readonly statefile = join(this.directory, 'statefile');
  readonly fault: string | undefined;
  readonly #isMounted: boolean;
  readonly #nothing = openSync('/dev/null', 'r+');
  readonly #rootfs: string;
  readonly client: ControlClient;

  /**
   * @param fault of the supervisor that boots the sandbox, as RUNSTATE_FAULT has it
   * @param room of the run directory, in bytes, where it is to be a file system of its own
   */
  constructor(rootfs: string, { fault, room }: { readonly fault?: string; readonly room?: number } = {}) {
    this.fault = fault;
    this.#isMounted = room !== undefined;
    if (room !== undefined) {
      mkdirSync(this.root, { mode: 0o700 });
      namespace.mount('tmpfs', this.root, 'tmpfs', 0, `size=${room},mode=700`);
    }
    this.#rootfs = rootfs;
    this.client = new ControlClient([sandboxSocket(this.root, this.id)]);
  }

  /** /dev/null, thrice. */
  get files(): readonly number[] {
    return [this.#nothing, this.#nothing, this.#nothing];
  }

  spec(args: readonly string[]): ContainerSpec {
    return defaultSpec({ args, rootfs: this.#rootfs });
  }

  /**
   * Starts a supervisor of the sandbox, in which that fault happens, and waits until it is ready. Gives how it ended, or
   * what it said, when it is not.
   */
  async supervise(fault: string | undefined, ...args: readonly string[]): Promise<string | undefined> {
    const env = { ...process.env, ...(fault === undefined ? {} : { RUNSTATE_FAULT: fault }) };
    const all = [program, '--root', this.root, 'boot', ...args, '--ready-fd', '3', '--', this.id];
    const child = spawn(process.execPath, all, {
      ...{ env, detached: true, stdio: ['ignore', 'ignore', 'ignore', 'pipe'] },
    });
    const said = await untilSaid(child);
    child.unref();
    return said === '{"ready":true}\n' ? undefined : said;
  }

  [Symbol.dispose](): void {
    this.client.close();
    closeSync(this.#nothing);
    if (this.#isMounted) namespace.unmount(this.root);
    rmSync(this.directory, { recursive: true, force: true });
  }
}

function untilSaid(child: ChildProcess): Promise<string> {
  const pipe = child.stdio[3];
  if (!(pipe && 'on' in pipe)) throw new Error('it has no pipe');
  return new Promise((resolve, reject) => {
    let text = '';
    const settle = (said: string): void => {
      clearTimeout(timer);
      pipe.removeAllListeners();
      pipe.destroy();
      resolve(said);
    };
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      settle(`it was not ready after ${timeout} ms`);
    }, timeout);
    child.once('error', reject);
    pipe.on('data', (data: Buffer) => {
      text += data.toString();
      if (text.endsWith('\n')) settle(text);
    });
    pipe.on('close', () => settle(text === '' ? 'it has died' : text));
  });
}
