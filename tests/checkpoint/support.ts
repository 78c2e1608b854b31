/** Real sandboxes that are saved and brought back. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { Sandbox, type Container } from '../../index.ts';
import { findCgroups } from '../../platforms/linux/cgroups/find.ts';
import { findCriu } from '../../platforms/linux/criu/index.ts';
import { eventually, program } from '../cli/support.ts';

export { eventually, makeCli, unique } from '../cli/support.ts';

export const rootfs = join(import.meta.dirname, '../../../build/rootfs');

const reason =
  process.getuid?.() !== 0
    ? 'not root'
    : spawnSync('runc', ['--version']).error !== undefined
      ? 'runc is not installed'
      : !existsSync(rootfs)
        ? 'there is no build/rootfs'
        : findCriu() === undefined
          ? 'there is no CRIU'
          : undefined;
if (reason !== undefined) console.log(`skipped, because nothing can be saved here: ${reason}`);

/** A test that saves and restores; one at a time, to leave the machine room. */
export const real = reason === undefined ? test.serial : test.serial.skip;

/** A run directory of the test's own, and files beside it; at the end nothing may be left of its sandboxes. */
export function makePlace(t: ExecutionContext): {
  readonly root: string;
  readonly file: (name: string) => string;
} {
  const directory = mkdtempSync(join(tmpdir(), 'rs-checkpoint-'));
  const root = join(directory, 'root');
  t.teardown(async () => {
    const sandboxes = join(root, 'sandboxes');
    for (const id of existsSync(sandboxes) ? readdirSync(sandboxes) : []) {
      await using left = await Sandbox.connect(id, { root });
      await left.destroy();
    }
    rmSync(directory, { recursive: true, force: true });
  });
  return { root, file: (name) => join(directory, name) };
}

/** What a command in a container prints. */
export async function read(container: Container, ...args: readonly string[]): Promise<string> {
  const { stdout } = await (await container.exec(args)).output();
  return stdout;
}

/** What is there of a sandbox: its directory, its socket, its root container's entry, cgroups, mounts. */
export function remains(root: string, id: string): readonly string[] {
  const directory = join(root, 'sandboxes', id);
  const files = [directory, join(root, `runsc-${id}.sock`), join(root, 'containers', `${id}.json`)];
  const mounts = readFileSync('/proc/self/mountinfo', 'latin1').split('\n');
  return [
    ...files.filter((file) => existsSync(file)),
    ...mounts.filter((line) => line.includes(` ${directory}/`)),
    ...findCgroups(id),
  ];
}

/** A supervisor of all sandboxes of a root, which ends, with all of them, before the test does. Gives its pid. */
export async function serve(t: ExecutionContext, root: string): Promise<number> {
  const child = spawn(process.execPath, [program, '--root', root, 'serve'], { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  t.teardown(async () => {
    const timer = setTimeout(() => child.kill('SIGKILL'), 30_000);
    child.kill('SIGTERM');
    await ended;
    clearTimeout(timer);
  });
  const socket = join(root, 'supervisor.sock');
  await eventually(() => (existsSync(socket) ? true : undefined), 'it serves');
  const { pid } = child;
  if (pid === undefined) throw new Error('it was not started');
  return pid;
}

/** The last number in a file of a container. */
export const numberIn = async (container: Container, file: string): Promise<number> =>
  Number(/(\d+)\n$/.exec(await read(container, 'tail', '-n', '1', file))?.[1]);

/** That it counts on beyond a number. */
export async function counts(
  t: Pick<ExecutionContext, 'true'>,
  what: () => Promise<number>,
  from: number,
): Promise<void> {
  for (let looks = 0; looks < 100; looks++) {
    if ((await what()) > from) return;
    await after(50);
  }
  t.true(false, `stays at ${from}`);
}
