import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { ExecutionContext } from 'ava';

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly milliseconds: number;
}

/** What the set-up itself needs of the project; less to compile, and nothing of the rest can fail here. */
const parts = ['package.json', 'package-lock.json', 'tsconfig.json', 'scripts', 'native', 'errors', 'oci'];

/** A copy of the project as a clone has it: nothing built. The npm packages are the real project's, unless `bare`. */
export function copyProject(t: ExecutionContext, { bare = false } = {}): string {
  const root = mkdtempSync(join(tmpdir(), 'runstate-setup-test-'));
  t.teardown(() => {
    rmSync(root, { recursive: true, force: true });
  });
  for (const part of parts) cpSync(part, join(root, part), { recursive: true });
  if (!bare) symlinkSync(resolve('node_modules'), join(root, 'node_modules'));
  return root;
}

/** Runs the set-up to its end. `wrapper` is a command that runs it in another world. No system package is installed. */
export function setUp(root: string, wrapper: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Outcome {
  const [file, ...args] = [...wrapper, process.execPath, join(root, 'scripts/setup.mjs')];
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(file, args, {
    encoding: 'utf8',
    timeout: 100_000,
    env: { ...process.env, RUNSTATE_NO_APT: '1', ...env },
  });
  return { status, stdout, stderr, milliseconds: performance.now() - start };
}

/** Starts the set-up; resolves `done` when it has ended. */
export function startSetUp(root: string): { child: ChildProcess; done: Promise<Outcome> } {
  const start = performance.now();
  const child = spawn(process.execPath, [join(root, 'scripts/setup.mjs')], {
    env: { ...process.env, RUNSTATE_NO_APT: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (text.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (text.stderr += chunk.toString()));
  const done = once(child, 'close').then(() => ({
    status: child.exitCode,
    ...text,
    milliseconds: performance.now() - start,
  }));
  return { child, done };
}

/** A wrapper that hides files of this machine, for the set-up alone. Needs root and mount namespaces. */
export function without(...files: readonly string[]): string[] {
  const hide = files.map((file) => `mount --bind /dev/null "${file}"`).join(' && ');
  return ['unshare', '--mount', 'sh', '-c', `${hide} && exec "$@"`, 'sh'];
}

/** Why other worlds cannot be made here, or undefined when they can. */
export function noOtherWorlds(): string | undefined {
  const done = spawnSync('unshare', ['--mount', '--net', 'mount', '--bind', '/dev/null', '/dev/zero']);
  return done.status === 0 ? undefined : 'needs root with unshare(1) and mount(8)';
}
