/** A platform under test, and a sandbox of it with what its listener was told. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext, SerialFn } from 'ava';
import type { ContainerSpec, ProcessSpec, Resources } from '../../../oci/types.ts';
import type { ExitStatus } from '../../../platforms/exit-status.ts';
import type { Platform, PlatformSandbox, ProcessFiles, StartedProcess } from '../../../platforms/platform.ts';
import { soon, until } from '../../support/waiting.ts';

export type Declare = SerialFn | SerialFn['skip'];

/** Command lines of programs that do what is asked of them. */
export interface Programs {
  /** Does nothing, for ever. */
  readonly forever: readonly string[];
  exits(code: number): readonly string[];
  /** Ends after so many ms, with 0. */
  lasts(ms: number): readonly string[];
  /** Ends with that code when it gets that signal. */
  traps(signal: number, code: number): readonly string[];
  /** Dies of a signal of its own. */
  dies(signal: number): readonly string[];
  /** Writes that line to its standard output. */
  prints(line: string): readonly string[];
  /** Starts a child that does nothing, and does not mind how that ends. */
  readonly forks: readonly string[];
  /** Wants more memory than 16 MiB. */
  readonly hog: readonly string[];
  /** There is none. */
  readonly missing: readonly string[];
  /** A file that is no program. */
  readonly notExecutable: readonly string[];
}

export interface Subject {
  readonly name: string;
  readonly programs: Programs;
  /** How long it may take here to start a few processes and freeze them, in ms. */
  readonly pace: number;
  /** Why no checkpoint can be made here; undefined when it can. */
  readonly whyNoCheckpoint?: string | undefined;
  /** Why no interface can be made here; undefined when it can. */
  readonly whyNoLinks?: string | undefined;
  platform(): Platform;
  process(args: readonly string[]): ProcessSpec;
  spec(args: readonly string[], resources?: Resources): Promise<ContainerSpec>;
  /** An open file that stands for an interface; both go with the test. */
  makeLink(t: ExecutionContext): number;
  /** All that is left of a sandbox, wherever it may be. */
  remains(sandbox: { readonly id: string; readonly directory: string }): readonly string[];
}

export type Told =
  | {
      readonly type: 'exited';
      readonly cid: string;
      readonly pid: number | undefined;
      readonly status: ExitStatus;
    }
  | { readonly type: 'oomKilled'; readonly cid: string; readonly count: number };

export interface CreateWith {
  readonly files?: ProcessFiles;
  readonly signal?: AbortSignal;
  readonly resources?: Resources;
}

/** A sandbox that is closed with the test. */
export interface Opened {
  readonly id: string;
  readonly directory: string;
  readonly sandbox: PlatformSandbox;
  /** In the order in which it was told. */
  readonly told: readonly Told[];
  readonly create: (cid: string, args: readonly string[], options?: CreateWith) => Promise<void>;
  /** Creates and starts. */
  readonly run: (cid: string, args: readonly string[], options?: CreateWith) => Promise<void>;
  readonly exec: (cid: string, args: readonly string[], signal?: AbortSignal) => Promise<StartedProcess>;
  /** Resolves with how that process (undefined: init) ended, once that was told. */
  readonly exit: (cid: string, pid?: number) => Promise<ExitStatus>;
  readonly hasEnded: (cid: string, pid?: number) => boolean;
}

let count = 0;

export async function open(t: ExecutionContext, subject: Subject): Promise<Opened> {
  count += 1;
  const id = `comply-${process.pid}-${count}`;
  const directory = mkdtempSync(join(tmpdir(), 'rs-comply-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  const told: Told[] = [];
  const sandbox = await subject.platform().openSandbox(
    { id, directory },
    {
      exited: (cid, pid, status) => told.push({ type: 'exited', cid, pid, status }),
      oomKilled: (cid, kills) => told.push({ type: 'oomKilled', cid, count: kills }),
    },
    soon(),
  );
  t.teardown(() => sandbox.close(soon()));
  const find = (cid: string, pid?: number) =>
    told.find((one) => one.type === 'exited' && one.cid === cid && one.pid === pid);
  const opened: Opened = {
    ...{ id, directory, sandbox, told },
    create: async (cid, args, { files = [], signal = soon(), resources } = {}) => {
      const spec = await subject.spec(args, resources);
      // The program is to be pid 1: what is tested of init is tested of it.
      const options = { init: 'none' } as const;
      await sandbox.create({ cid, isRoot: cid === id, bundle: directory, spec, files, options }, signal);
    },
    run: async (cid, args, options) => {
      await opened.create(cid, args, options);
      await sandbox.start(cid, soon());
    },
    exec: (cid, args, signal = soon()) =>
      sandbox.exec(cid, { process: subject.process(args), files: [] }, signal),
    exit: async (cid, pid) => {
      await until(
        () => find(cid, pid) !== undefined,
        `no end of process ${pid ?? 'init'} of ${cid} was told`,
      );
      const found = find(cid, pid);
      return found?.type === 'exited' ? found.status : { kind: 'unknown', why: 'never told' };
    },
    hasEnded: (cid, pid) => find(cid, pid) !== undefined,
  };
  return opened;
}

export const exited = (code: number): ExitStatus => ({ kind: 'exited', code });
export const signaled = (signal: number): ExitStatus => ({ kind: 'signaled', signal, coreDumped: false });
export const SIGKILL = 9;
export const SIGTERM = 15;
