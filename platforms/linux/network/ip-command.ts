import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { RunstateError, messageOf } from '../../../errors/index.ts';
import { isErrno } from '../system-error.ts';
import { systemPath } from '../system-path.ts';

const run = promisify(execFile);

/** How long one call may take, in ms, whatever its caller allows. */
const timeout = 10_000;

/** Bytes of one answer: some ten thousand routes. */
const maxBuffer = 16 << 20;

export interface Where {
  /** The network namespace, by a path. */
  readonly network: string;
  readonly signal: AbortSignal;
}

/** One command of `ip`, by its words. */
export type Command = readonly string[];

/**
 * Runs one command of iproute2's `ip` in a network namespace. Gives what it prints.
 * @throws RunstateError NOT_SUPPORTED where there is no such program; SYSTEM
 */
export function ip(command: Command, where: Where): Promise<string> {
  return call(command, '', where, () => command);
}

/**
 * Runs commands of `ip` one after another, by one process, up to the first that fails.
 * @param options force: goes on with the others then, and rejects at the end
 * @throws as {@link ip}
 */
export async function ipBatch(
  commands: readonly Command[],
  where: Where,
  options: { readonly force?: boolean } = {},
): Promise<void> {
  if (commands.length === 0) return;
  const force = options.force === true ? ['-force'] : [];
  const text = commands.map((words) => `${words.map(asWord).join(' ')}\n`).join('');
  await call([...force, '-batch', '-'], text, where, (line) => commands[line - 1] ?? ['-batch']);
}

/** What ip's own reader of lines would take apart or leave out is never let through. */
function asWord(word: string): string {
  if (/^[^\s'"#\\]+$/.test(word)) return word;
  throw new RunstateError('INVALID_ARGUMENT', { what: `ip cannot be told ${JSON.stringify(word)}` });
}

async function call(
  args: Command,
  input: string,
  { network, signal }: Where,
  failedAt: (line: number) => Command,
): Promise<string> {
  const env = { PATH: systemPath(), LC_ALL: 'C' };
  const started = run('nsenter', [`--net=${network}`, 'ip', ...args], {
    ...{ env, signal, timeout, maxBuffer, killSignal: 'SIGKILL' },
  });
  // One that ends before it has read all says itself why.
  started.child.stdin?.on('error', () => undefined).end(input);
  try {
    return (await started).stdout;
  } catch (error) {
    throw failure(error, failedAt);
  }
}

function failure(error: unknown, failedAt: (line: number) => Command): RunstateError {
  const said = stderrOf(error);
  const missing = missingProgram(error, said);
  if (missing !== undefined)
    return new RunstateError(
      'NOT_SUPPORTED',
      {
        what: 'an interface of a sandbox',
        why: `the program ${missing.program} is missing; to install it: apt-get install ${missing.package}`,
      },
      { cause: error },
    );
  const line = Number(/^Command failed -:(\d+)$/m.exec(said)?.[1] ?? 0);
  const lines = said.split('\n').filter((one) => one.trim() !== '' && !one.startsWith('Command failed'));
  const why = lines.length === 0 ? messageOf(error) : lines.join('; ');
  return new RunstateError('SYSTEM', { call: 'ip', what: failedAt(line).join(' '), why }, { cause: error });
}

function missingProgram(
  error: unknown,
  said: string,
): { readonly program: string; readonly package: string } | undefined {
  if (isErrno(error, 'ENOENT')) return { program: 'nsenter', package: 'util-linux' };
  return /failed to execute ip: No such file/.test(said) ? { program: 'ip', package: 'iproute2' } : undefined;
}

function stderrOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('stderr' in error)) return '';
  return typeof error.stderr === 'string' ? error.stderr : '';
}
