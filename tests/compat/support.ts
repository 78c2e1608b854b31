/** The distribution's runsc: as a client of ours, and as a server for ours. */
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { finish, makeCli, unique, type Cli, type Result } from '../cli/support.ts';
import { evidence, type Client } from '../support/evidence.ts';

const whyNot =
  process.getuid?.() !== 0
    ? 'not root'
    : spawnSync('runc', ['--version']).status !== 0
      ? 'runc is not installed'
      : spawnSync('runsc', ['--version']).status !== 0
        ? 'runsc is not installed'
        : undefined;
if (whyNot !== undefined) console.log(`tests with the distribution's runsc are skipped: ${whyNot}`);

export const withRunsc = whyNot === undefined ? test.serial : test.serial.skip;

export interface RunscBench extends Cli {
  readonly id: string;
  /** The original's command line, on our sandboxes. Its streams are files or /dev/null but for what it prints. */
  readonly runsc: (...args: readonly string[]) => Promise<Result>;
  /** As runsc, and fails the test unless it ends with 0. Gives what it printed. */
  readonly runscOk: (...args: readonly string[]) => Promise<string>;
  /** As `operation`, what the original's users do was seen to work, and what it called. */
  readonly saw: (operation: string) => void;
}

export const debian: Client = 'runsc (Debian)';

/** A root of its own with one running container that the original's command line finds. */
export async function benchFor(t: ExecutionContext, script: string): Promise<RunscBench> {
  const cli = makeCli(t);
  const id = unique(`rs${++count}`);
  const bundle = cli.bundle('bundle', ['/bin/sh', '-c', script]);
  await cli.quietly('--compat', 'runsc', 'run', '--detach', '--bundle', bundle, id);
  const runsc = (...args: readonly string[]): Promise<Result> =>
    finish(spawn('runsc', [`--root=${cli.root}`, ...args]));
  return {
    ...cli,
    id,
    runsc,
    runscOk: async (...args) => {
      const { code, stdout, stderr } = await runsc(...args);
      t.is(code, 0, `runsc ${args.join(' ')}: ${stderr}${stdout}`);
      return stdout;
    },
    saw: (operation) => evidence(t, { client: debian, operation }),
  };
}

let count = 0;

/** The methods that have succeeded at a sandbox so far, by its own metrics. */
export async function calledMethods({ ok, id }: RunscBench): Promise<readonly string[]> {
  const text = await ok('debug', '--metrics', id);
  return [
    ...text.matchAll(/^runstate_calls_total\{.*method="([^"]*)",outcome="succeeded"\} (\d+)$/gm),
  ].flatMap(([, method = '', times]) => (times === '0' ? [] : [method]));
}

export const fileIn = ({ directory }: Cli, name: string): string => join(directory, name);
