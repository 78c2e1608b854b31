import { RunstateError } from '../../errors/index.ts';
import type { ExitStatus } from '../exit-status.ts';

/** What a process does, in place of a program's instructions. */
export interface Program {
  readonly args: readonly string[];
  /** Milliseconds until it ends by itself; undefined: never. */
  readonly lasts: number | undefined;
  readonly ending: ExitStatus;
  /** What it does of itself about a signal: ends with that code, or nothing. Any other signal has its default action. */
  readonly handlers: ReadonlyMap<number, number | 'ignore'>;
  /** What it writes to its standard output at its start. */
  readonly prints?: string;
  /** What it starts at its own start, as a process of its own. */
  readonly child?: readonly string[];
  /** The kernel would end it for want of memory. */
  readonly isHungry?: boolean;
}

const exited = (code: number): ExitStatus => ({ kind: 'exited', code });
const killed = (signal: number): ExitStatus => ({ kind: 'signaled', signal, coreDumped: false });
const SIGKILL = 9;

/** By the name that a command has without its directory. Numbers that are missing are 0. */
const scripts: Readonly<
  Record<string, (words: readonly string[]) => Omit<Program, 'args' | 'handlers'> & Partial<Program>>
> = {
  true: () => ({ lasts: 0, ending: exited(0) }),
  false: () => ({ lasts: 0, ending: exited(1) }),
  /** `exit N` */
  exit: ([code]) => ({ lasts: 0, ending: exited(Number(code ?? 0) & 0xff) }),
  /** `sleep SECONDS`, which may be a fraction or `infinity` */
  sleep: ([seconds]) => ({ lasts: duration(seconds), ending: exited(0) }),
  /** `echo WORD...` */
  echo: (words) => ({ lasts: 0, ending: exited(0), prints: `${words.join(' ')}\n` }),
  /** `die SIGNAL`: of its own signal */
  die: ([signal]) => ({ lasts: 0, ending: killed(Number(signal ?? SIGKILL)) }),
  /** `trap SIGNAL CODE`: waits for that signal and exits then */
  trap: ([signal, code]) => ({
    lasts: undefined,
    ending: exited(0),
    handlers: new Map([[Number(signal ?? 0), Number(code ?? 0)]]),
  }),
  /** `ignore SIGNAL...`: waits, and does not mind these */
  ignore: (signals) => ({
    lasts: undefined,
    ending: exited(0),
    handlers: new Map(signals.map((signal) => [Number(signal), 'ignore'])),
  }),
  /** `fork COMMAND...`: starts it as a child, and waits for ever */
  fork: (child) => ({ lasts: undefined, ending: exited(0), child }),
  /** `hog`: wants more memory than there is */
  hog: () => ({ lasts: 0, ending: killed(SIGKILL), isHungry: true }),
};

/** A file that is there and is no program. */
const notExecutable = 'text';

/**
 * The program that a command line names.
 * @throws RunstateError COMMAND_NOT_FOUND, COMMAND_NOT_EXECUTABLE, in the words of runc; SPEC when there is no command
 */
export function programOf(args: readonly string[] | undefined): Program {
  const [command, ...words] = args ?? [];
  if (args === undefined || command === undefined)
    throw new RunstateError('SPEC', { where: 'config.json', problems: ['process.args: is missing'] });
  const name = command.slice(command.lastIndexOf('/') + 1);
  if (name === notExecutable)
    throw new RunstateError('COMMAND_NOT_EXECUTABLE', { command, why: 'permission denied' });
  const script = Object.hasOwn(scripts, name) ? scripts[name] : undefined;
  if (script === undefined) {
    const why = command.includes('/') ? 'no such file or directory' : 'executable file not found in $PATH';
    throw new RunstateError('COMMAND_NOT_FOUND', { command, why });
  }
  return { args, handlers: new Map(), ...script(words) };
}

function duration(seconds: string | undefined): number | undefined {
  return seconds === 'infinity' ? undefined : Number(seconds ?? 0) * 1000;
}
