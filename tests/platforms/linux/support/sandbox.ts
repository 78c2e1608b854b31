/** Real sandboxes for the tests of the Linux platform. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import type { ExecutionContext } from 'ava';
import { files } from '../../../../native/index.ts';
import { makeBusyboxRootfs } from '../../../../oci/rootfs/busybox.ts';
import type { ContainerSpec, ProcessSpec } from '../../../../oci/types.ts';
import type { ExitStatus } from '../../../../platforms/exit-status.ts';
import { linuxPlatform } from '../../../../platforms/linux/index.ts';
import type {
  CreateOptions,
  InitKind,
  PlatformSandbox,
  ProcessFiles,
  StartedProcess,
} from '../../../../platforms/platform.ts';
import { soon, until } from '../../../support/waiting.ts';

export { soon, until };

/** Undefined when this machine can run the tests, else why not. */
export function whyNot(): string | undefined {
  if (process.getuid?.() !== 0) return 'not root';
  return spawnSync('runc', ['--version']).error === undefined ? undefined : 'runc is not installed';
}

let rootfs: Promise<string> | undefined;

/** One busybox root for all tests of this process; it goes with the process. */
export function sharedRootfs(): Promise<string> {
  rootfs ??= (async () => {
    const directory = mkdtempSync(join(tmpdir(), 'rs-rootfs-'));
    process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
    await makeBusyboxRootfs(directory);
    // Also for other users than root.
    chmodSync(directory, 0o755);
    return directory;
  })();
  return rootfs;
}

export interface Exit {
  readonly cid: string;
  readonly pid: number | undefined;
  readonly status: ExitStatus;
}

/** A real sandbox, and what its listener was told. */
export interface Opened {
  readonly id: string;
  readonly directory: string;
  readonly sandbox: PlatformSandbox;
  readonly exits: readonly Exit[];
  readonly ooms: readonly { readonly cid: string; readonly count: number }[];
  /** Resolves with how that process (undefined: init) has ended. */
  readonly exit: (cid: string, pid?: number) => Promise<ExitStatus>;
  /** Creates and starts a shell that runs the script; its standard output and error are `output`, if given. */
  readonly run: (cid: string, script: string, options?: RunOptions) => Promise<void>;
  readonly create: (cid: string, script: string, options?: RunOptions) => Promise<number>;
  readonly exec: (cid: string, script: string, files?: ProcessFiles) => Promise<StartedProcess>;
  /** Runs the script in the container and gives what it printed. */
  readonly output: (cid: string, script: string) => Promise<string>;
}

export interface RunOptions {
  readonly files?: ProcessFiles;
  readonly rootDirectory?: number;
  readonly change?: (spec: ContainerSpec) => ContainerSpec;
  readonly signal?: AbortSignal;
  readonly init?: InitKind;
  readonly options?: CreateOptions;
}

let count = 0;

/** Opens a sandbox that is closed with the test. */
export async function open(t: ExecutionContext, runtime?: string): Promise<Opened> {
  const directory = mkdtempSync(join(tmpdir(), 'rs-linux-'));
  count += 1;
  const id = `test-${process.pid}-${count}`;
  const exits: Exit[] = [];
  const ooms: { cid: string; count: number }[] = [];
  const platform = linuxPlatform(runtime === undefined ? {} : { runtime });
  const sandbox = await platform.openSandbox(
    { id, directory },
    {
      exited: (cid, pid, status) => exits.push({ cid, pid, status }),
      oomKilled: (cid, kills) => ooms.push({ cid, count: kills }),
    },
    soon(),
  );
  t.teardown(() => sandbox.close(soon()));
  const rootPath = await sharedRootfs();
  const opened: Opened = {
    id,
    directory,
    sandbox,
    exits,
    ooms,
    exit: async (cid, pid) => {
      const found = () => exits.find((exit) => exit.cid === cid && exit.pid === pid);
      await until(() => found() !== undefined, `no end of process ${pid ?? 'init'} of ${cid} was told`);
      return found()?.status ?? { kind: 'unknown', why: 'never told' };
    },
    create: async (cid, script, options = {}) => {
      const spec = shell(rootPath, script);
      const { hostPid } = await sandbox.create(
        {
          cid,
          isRoot: cid === id,
          bundle: directory,
          spec: options.change?.(spec) ?? spec,
          files: options.files ?? [],
          options: { ...(options.init === undefined ? {} : { init: options.init }), ...options.options },
          ...(options.rootDirectory === undefined ? {} : { rootDirectory: options.rootDirectory }),
        },
        options.signal ?? soon(),
      );
      return hostPid ?? 0;
    },
    run: async (cid, script, options) => {
      await opened.create(cid, script, options);
      await sandbox.start(cid, soon());
    },
    exec: (cid, script, given = []) =>
      sandbox.exec(cid, { process: shellProcess(script), files: given }, soon()),
    output: async (cid, script) => {
      const { read, write } = files.pipe();
      try {
        const { pid } = await opened.exec(cid, script, [undefined, write, write]);
        await opened.exit(cid, pid);
        exits.splice(
          exits.findIndex((exit) => exit.cid === cid && exit.pid === pid),
          1,
        );
        return readAll(read);
      } finally {
        files.close(read);
        files.close(write);
      }
    },
  };
  return opened;
}

/** What is in a pipe now. */
export function readAll(fd: number): string {
  files.setNonBlocking(fd, true);
  const buffer = Buffer.alloc(65536);
  const bytes = files.read(fd, buffer);
  return typeof bytes === 'number' ? buffer.toString('utf8', 0, bytes) : '';
}

export function shellProcess(script: string): ProcessSpec {
  return {
    args: ['/bin/sh', '-c', script],
    cwd: '/',
    env: ['PATH=/bin:/usr/bin:/sbin:/usr/sbin'],
    user: { uid: 0, gid: 0 },
  };
}

/** A container with all namespaces of its own but the user's. */
export function shell(rootPath: string, script: string): ContainerSpec {
  return {
    ociVersion: '1.0.2',
    process: shellProcess(script),
    root: { path: rootPath },
    hostname: 'inside',
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755', 'size=65536k'] },
      {
        destination: '/dev/pts',
        type: 'devpts',
        source: 'devpts',
        options: ['newinstance', 'ptmxmode=0666', 'mode=0620'],
      },
      { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue' },
    ],
    linux: {
      namespaces: [{ type: 'pid' }, { type: 'network' }, { type: 'ipc' }, { type: 'uts' }, { type: 'mount' }],
    },
  };
}
