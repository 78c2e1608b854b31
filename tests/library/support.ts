/** Sandboxes that the library makes, in a run directory of the test's own; nothing may be left of them. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ExecutionContext } from 'ava';
import { Sandbox, type Container, type ExecOptions, type Output, type SandboxOptions } from 'runstate';
import { eventually, real, rootfs, unique } from '../cli/support.ts';
import { takeCensus, type Census } from '../../verify/census.ts';

export { eventually, real, rootfs };

const census = (id: string, directory: string): Census => takeCensus(process.pid, id, directory);

export interface Place {
  /** The run directory. */
  readonly root: string;
  /** For the test's files, beside the run directory. */
  readonly directory: string;
  readonly id: string;
  /** Makes the sandbox with that id, of the busybox directory unless told otherwise. */
  readonly create: (options?: Partial<SandboxOptions>) => Promise<Sandbox>;
}

/** Runs a test that makes a sandbox and destroys it; then counts what is there that was not before. */
export async function withPlace(
  t: ExecutionContext,
  name: string,
  body: (place: Place) => Promise<void>,
): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'rs-library-'));
  const root = join(directory, 'root');
  const id = unique(name);
  const before = census(id, directory);
  try {
    await body({
      ...{ root, directory, id },
      create: (options) => Sandbox.create({ rootfs, root, id, ...options }),
    });
    await nothingLeft(t, root, () => census(id, directory), before);
  } finally {
    for (const one of sandboxesIn(root)) await (await Sandbox.connect(one, { root })).destroy();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The supervisor ends after it has answered. */
async function nothingLeft(
  t: ExecutionContext,
  root: string,
  take: () => Census,
  before: Census,
): Promise<void> {
  t.deepEqual(sandboxesIn(root), []);
  let last = take();
  const isAsBefore = (): true | undefined => {
    last = take();
    return JSON.stringify(last) === JSON.stringify(before) ? true : undefined;
  };
  await eventually(isAsBefore, 'nothing is left').catch(() => undefined);
  t.deepEqual(last, before);
  t.deepEqual([before.cgroups, before.sockets, before.mounts], [0, 0, 0]);
}

export function sandboxesIn(root: string): readonly string[] {
  const directory = join(root, 'sandboxes');
  return existsSync(directory) ? readdirSync(directory) : [];
}

/** Runs a shell script in a container. */
export async function shell(container: Container, script: string, options?: ExecOptions): Promise<Output> {
  return (await container.exec(['/bin/sh', '-c', script], options)).output();
}

export interface Program {
  readonly child: ChildProcess;
  /** Its next line. */
  readonly line: () => Promise<string>;
  /** Its exit code, or the name of the signal that ended it. */
  readonly ended: Promise<number | string>;
}

/** Runs a program that uses the library, in a process of its own. */
export function program(source: string, env: Readonly<Record<string, string>> = {}): Program {
  const args = ['--input-type=module', '--eval', source];
  // Where the package finds itself by its name.
  const cwd = join(import.meta.dirname, '../../..');
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = once(child, 'exit').then(([code, signal]: unknown[]) =>
    typeof code === 'number' ? code : String(signal),
  );
  return {
    child,
    ended,
    line: async () => {
      const next = await lines.next();
      if (next.done === true) throw new Error('it ended without another line');
      return next.value;
    },
  };
}
