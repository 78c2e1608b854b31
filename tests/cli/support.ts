/** What the tests of the command line share: the built program, in a root of its own. */
import { spawn, spawnSync, type ChildProcess, type SpawnOptions } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
  mkdirSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { builtRootfs } from '../../cli/rootfs.ts';
import { defaultSpec, type ContainerSpec } from '../../oci/index.ts';

export const program = fileURLToPath(new URL('../../../bin/runstate.cjs', import.meta.url));
export const rootfs = builtRootfs;

/** Why containers cannot run here; undefined when they can. */
const reason =
  process.getuid?.() !== 0
    ? 'not root'
    : spawnSync('runc', ['--version']).status !== 0
      ? 'no runc'
      : !existsSync(join(rootfs, 'bin/sh'))
        ? `no ${rootfs}`
        : undefined;
if (reason !== undefined) console.log(`skipped, because containers cannot run here: ${reason}`);

/** A test with real containers; one at a time, to leave the machine room. */
export const real = reason === undefined ? test.serial : test.serial.skip;

/**
 * An id that nobody else has: cgroups and the abstract names of control sockets are the same for all roots of this
 * machine.
 */
export const unique = (name: string): string => `${name}-test-${process.pid}`;

export interface Result {
  /** 128 + n when a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Cli {
  readonly root: string;
  /** A directory for the test's files, beside the root. */
  readonly directory: string;
  /** Runs `runstate --root … args`; rejects after 60 s. */
  readonly run: (
    args: readonly string[],
    options?: { input?: string | Buffer; cwd?: string },
  ) => Promise<Result>;
  /** As run, and fails the test unless it ends with 0. Gives what it printed. */
  readonly ok: (...args: readonly string[]) => Promise<string>;
  /** As ok, with /dev/null as its streams: pipes of Node's are sockets, which no checkpoint saves. */
  readonly quietly: (...args: readonly string[]) => Promise<void>;
  /** Starts it. */
  readonly start: (args: readonly string[], options?: SpawnOptions) => ChildProcess;
  /** A bundle that runs this; `change` may change the spec. */
  readonly bundle: (
    name: string,
    args: readonly string[],
    change?: (spec: ContainerSpec) => ContainerSpec,
  ) => string;
}

/** The command line in a root of its own; what is left of it when the test ends is removed. */
export function makeCli(t: ExecutionContext): Cli {
  const directory = mkdtempSync(join(tmpdir(), 'rs-cli-'));
  const root = join(directory, 'root');
  const start: Cli['start'] = (args, options = {}) =>
    spawn(process.execPath, [program, '--root', root, ...args], options);
  const run: Cli['run'] = (args, { input, cwd } = {}) =>
    finish(start(args, cwd === undefined ? {} : { cwd }), input);
  t.teardown(async () => {
    const { stdout } = await run(['list', '--quiet']);
    const ids = stdout.split('\n').filter((id) => id !== '');
    if (ids.length > 0) await run(['delete', '--force', ...ids]);
    rmSync(directory, { recursive: true, force: true });
  });
  return {
    root,
    directory,
    run,
    start,
    ok: async (...args) => {
      const result = await run(args);
      t.is(result.code, 0, `runstate ${args.join(' ')}: ${result.stderr}`);
      return result.stdout;
    },
    quietly: async (...args) => {
      const { code } = await finish(start(args, { stdio: 'ignore' }));
      t.is(code, 0, `runstate ${args.join(' ')}`);
    },
    bundle: (name, args, change = (spec) => spec) => {
      const bundle = join(directory, name);
      mkdirSync(bundle);
      const spec = change(defaultSpec({ args, rootfs }));
      writeFileSync(join(bundle, 'config.json'), JSON.stringify(spec));
      return bundle;
    },
  };
}

/** How long what was printed may take to arrive after the end, in ms. */
const background = 500;

/** Collects what a program prints, and waits for its end. */
export async function finish(child: ChildProcess, input: string | Buffer = ''): Promise<Result> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout?.on('data', (data: Buffer) => out.push(data));
  child.stderr?.on('data', (data: Buffer) => err.push(data));
  // It may end without reading.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(input);
  const timer = setTimeout(() => child.kill('SIGKILL'), 60_000);
  const code = await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    const end = (status: number | null, signal: string | null): void =>
      resolve(status ?? 128 + (signal === 'SIGKILL' ? 9 : 15));
    child.on('close', end);
    // What runs on in the background holds its streams open.
    child.on('exit', (status, signal) => setTimeout(() => end(status, signal), background));
  });
  clearTimeout(timer);
  return { code, stdout: Buffer.concat(out).toString('latin1'), stderr: Buffer.concat(err).toString() };
}

/** Waits until it gives something; throws after 10 s. */
export async function eventually<T>(
  what: () => T | undefined | Promise<T | undefined>,
  why: string,
): Promise<T> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    const found = await what();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`did not happen within 30 s: ${why}`);
    await after(10);
  }
}

/** The processes that run runstate with this root. */
export function programsOf(root: string): readonly number[] {
  return readdirSync('/proc')
    .filter(
      (name) => /^\d+$/.test(name) && commandLine(name).includes(program) && commandLine(name).includes(root),
    )
    .map(Number);
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    // It has ended meanwhile.
    return '';
  }
}
