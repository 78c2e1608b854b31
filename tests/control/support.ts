/** A supervisor in this process with its control sockets, on the real platform or another one. */
import { setMaxListeners } from 'node:events';
import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Call } from '../../actors/call.ts';
import { Supervisor } from '../../actors/supervisor/index.ts';
import { silent } from '../../log/logger.ts';
import { defaultSpec } from '../../oci/index.ts';
import type { ContainerSpec } from '../../oci/types.ts';
import { linuxPlatform } from '../../platforms/linux/index.ts';
import type { Platform } from '../../platforms/platform.ts';
import { ControlClient, RemoteError, sandboxSocket } from '../../transport/client/index.ts';
import { serveSandboxes } from '../../transport/control/index.ts';

export const rootfs = join(import.meta.dirname, '../../../build/rootfs');

const { signal } = new AbortController();
// Tests of one file run side by side.
setMaxListeners(0, signal);
export const call: Call = { signal, correlation: 'test', log: silent };

let count = 0;
/** One that no other test of this machine has at the same time. */
export const freshId = (): string => `t${process.pid}-${++count}`;

export interface Bench {
  readonly root: string;
  readonly id: string;
  readonly supervisor: Supervisor;
  readonly client: ControlClient;
  /** /dev/null, thrice. */
  readonly files: readonly number[];
  /** Makes a container that runs this shell script. */
  readonly create: (cid: string, script?: string) => Promise<unknown>;
  /** Makes and starts one. */
  readonly run: (cid: string, script?: string) => Promise<void>;
}

/** Runs a test on a booted, empty sandbox, which is destroyed afterwards. */
export async function withSandbox(
  t: ExecutionContext,
  body: (bench: Bench) => Promise<void>,
  options: { readonly platform?: Platform; readonly root?: string } = {},
): Promise<void> {
  const root = options.root ?? mkdtempSync(join(tmpdir(), 'runstate-control-'));
  const id = freshId();
  const nothing = openSync('/dev/null', 'r+');
  const files = [nothing, nothing, nothing];
  const supervisor = new Supervisor({
    root,
    platform: options.platform ?? linuxPlatform(),
    log: silent,
    serve: serveSandboxes(root, { levels: { level: 'info' } }),
  });
  try {
    await supervisor.boot(id, call);
    await using client = new ControlClient([sandboxSocket(root, id)]);
    const create = (cid: string, script = forever): Promise<unknown> =>
      client.call('runstate.Create', createArgs(cid, shell(script)), { files });
    await body({
      ...{ root, id, supervisor, client, files, create },
      run: async (cid, script) => {
        await create(cid, script);
        await client.call('runstate.Start', { CID: cid });
      },
    });
  } finally {
    await supervisor.destroyAll(call);
    closeSync(nothing);
    if (options.root === undefined) rmSync(root, { recursive: true, force: true });
  }
  t.is(supervisor.sandboxes.length, 0);
}

export const forever = 'while :; do sleep 1000; done';
export const shell = (script: string): ContainerSpec =>
  defaultSpec({ args: ['/bin/sh', '-c', script], rootfs });

export const createArgs = (CID: string, Spec: ContainerSpec) => ({
  ...{ CID, Bundle: '/', Spec, ConsoleSocket: '', NoPivot: false, NoNewKeyring: false },
});

/** The message of the server's refusal. */
export async function refusal(t: ExecutionContext, asked: Promise<unknown>): Promise<string> {
  const error = await t.throwsAsync(asked, { instanceOf: RemoteError });
  return error.message;
}

const cannot = reasonNotTo();
/** A test of the real platform; skipped, with the reason printed, where that cannot be. */
export const real = cannot === undefined ? test : test.skip;
/** One at a time. */
export const realOneByOne = cannot === undefined ? test.serial : test.serial.skip;
if (cannot !== undefined) console.log(`tests of the real platform are skipped: ${cannot}`);

function reasonNotTo(): string | undefined {
  if (process.getuid?.() !== 0) return 'not root';
  if (!existsSync(rootfs)) return 'no busybox root file system: npm run setup';
  try {
    execFileSync('runc', ['--version']);
    return undefined;
  } catch {
    return 'runc is not installed';
  }
}
