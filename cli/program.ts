/**
 * The program: its global flags and its commands by name. A command's file, and with it everything that the command
 * needs, is loaded only when that command is asked for, so that start-up stays quick.
 */
import { Command, CommanderError } from 'commander';
import type { CommandModule } from './command.ts';
import { addGlobalOptions } from './context.ts';
import { exitCodeOf } from './errors/exit-code.ts';
import { logError, reportError, type ReportOptions } from './errors/report.ts';
import { BrokenPipeError, print, printError } from './output/print.ts';
import { versionText } from './version.ts';

interface Entry {
  readonly group: string;
  readonly summary: string;
  readonly load: () => Promise<CommandModule>;
}

const running = 'Run containers:';
const looking = 'Look at them:';
const ending = 'Signal and end them:';
const saving = 'Save them, and bring them back:';
const machine = 'Sandboxes and this machine:';

/** To add a command: a file in commands/, and an entry here. */
const commands: Readonly<Record<string, Entry>> = {
  run: {
    group: running,
    summary: 'create a container, start it and wait for its end',
    load: async () => (await import('./commands/run.ts')).run,
  },
  create: {
    group: running,
    summary: 'make a container, ready to be started',
    load: async () => (await import('./commands/create.ts')).create,
  },
  start: {
    group: running,
    summary: 'run the program of a created container',
    load: async () => (await import('./commands/start.ts')).start,
  },
  exec: {
    group: running,
    summary: 'run another command in a running container',
    load: async () => (await import('./commands/exec.ts')).exec,
  },
  list: {
    group: looking,
    summary: 'list the containers',
    load: async () => (await import('./commands/list.ts')).list,
  },
  state: {
    group: looking,
    summary: "print a container's state as JSON",
    load: async () => (await import('./commands/state.ts')).state,
  },
  ps: {
    group: looking,
    summary: 'list the processes of a container',
    load: async () => (await import('./commands/ps.ts')).ps,
  },
  events: {
    group: looking,
    summary: 'print counters, and out-of-memory kills as they happen',
    load: async () => (await import('./commands/events.ts')).events,
  },
  wait: {
    group: looking,
    summary: 'wait for the end of a container or a process, and print its exit status',
    load: async () => (await import('./commands/wait.ts')).wait,
  },
  inspect: {
    group: looking,
    summary: 'see sandboxes live on a page of the browser',
    load: async () => (await import('./commands/inspect.ts')).inspect,
  },
  watch: {
    group: looking,
    summary: 'show a sandbox live: its charts, and what happens',
    load: async () => (await import('./commands/watch.ts')).watch,
  },
  journal: {
    group: looking,
    summary: 'print what a sandbox was asked, intended and did, also when its supervisor has died',
    load: async () => (await import('./commands/journal.ts')).journal,
  },
  debug: {
    group: looking,
    summary: 'look inside: stacks, profiles, metrics, log level, system calls',
    load: async () => (await import('./commands/debug.ts')).debug,
  },
  kill: {
    group: ending,
    summary: 'send a signal',
    load: async () => (await import('./commands/kill.ts')).kill,
  },
  pause: {
    group: ending,
    summary: 'freeze a sandbox, or one container of it',
    load: async () => (await import('./commands/pause.ts')).pause,
  },
  resume: {
    group: ending,
    summary: 'let what was paused go on',
    load: async () => (await import('./commands/resume.ts')).resume,
  },
  delete: {
    group: ending,
    summary: 'remove containers and everything they hold',
    load: async () => (await import('./commands/delete.ts')).delete_,
  },
  checkpoint: {
    group: saving,
    summary: 'save a sandbox to a file',
    load: async () => (await import('./commands/checkpoint.ts')).checkpoint,
  },
  restore: {
    group: saving,
    summary: 'make a sandbox from such a file',
    load: async () => (await import('./commands/restore.ts')).restore,
  },
  clone: {
    group: saving,
    summary: 'make copies of a sandbox',
    load: async () => (await import('./commands/clone.ts')).clone,
  },
  statefile: {
    group: saving,
    summary: 'look into such a file',
    load: async () => (await import('./commands/statefile.ts')).statefile,
  },
  spec: {
    group: machine,
    summary: "write a bundle's config.json that is safe by default",
    load: async () => (await import('./commands/spec.ts')).spec,
  },
  doctor: {
    group: machine,
    summary: 'tell what this machine can do, what is missing, and how to get it',
    load: async () => (await import('./commands/doctor.ts')).doctor,
  },
  tour: {
    group: machine,
    summary: 'lead a sandbox through its life, and tell what happens',
    load: async () => (await import('./commands/tour.ts')).tour,
  },
  boot: {
    group: machine,
    summary: 'host one sandbox in this process',
    load: async () => (await import('./commands/boot.ts')).boot,
  },
  serve: {
    group: machine,
    summary: 'host many sandboxes in this process',
    load: async () => (await import('./commands/serve.ts')).serve,
  },
  completion: {
    group: machine,
    summary: 'print the completion script of a shell',
    load: async () => (await import('./commands/completion.ts')).completion,
  },
};

/** The program with these commands complete; of the others, only their names and summaries are there. */
export async function buildProgram(complete: readonly string[] | 'all'): Promise<Command> {
  const program = addGlobalOptions(new Command('runstate'))
    .description(
      'Runs containers in sandboxes, each a statechart that you can see and talk to.\n' +
        'A sandbox is a group of containers that share namespaces; its first container gives it its id.',
    )
    .usage('[flags] <command> [arguments]')
    .version(versionText(), '-v, --version', 'print the version')
    .helpOption('-h, --help', "print this, or a command's help")
    .helpCommand('help [command]', 'print the help of a command')
    .enablePositionalOptions()
    .showHelpAfterError("(see 'runstate --help')")
    .exitOverride()
    .configureHelp({ commandDescription: (command) => unbroken(command.description()) })
    .configureOutput({
      writeOut: print,
      writeErr: (text) => printError(text.replace(/\n$/, '')),
      outputError: (text, write) => write(text.replace(/^error: /, 'runstate: ')),
    })
    .addHelpText('after', firstSteps);
  for (const [name, { group, summary, load }] of Object.entries(commands)) {
    const command = program.command(name).summary(summary).helpGroup(group);
    if (complete !== 'all' && !complete.includes(name)) continue;
    // Its own errors point to its own help.
    command.showHelpAfterError(`(see 'runstate ${name} --help')`);
    (await load()).define(command);
  }
  return program;
}

/** A paragraph in one line, as it is broken again to the width of the terminal. */
const unbroken = (text: string): string => text.replaceAll(/(?<=\S)\n(?=\S)/g, ' ');

const firstSteps = `
First steps:
  runstate doctor                                       can this machine run containers?
  runstate run --rootfs DIR c1 -- echo hello            run a command with DIR as its root file system
  runstate run --rootfs DIR -d c2 -- sleep 100          run one in the background
  runstate exec c2 -- ps                                run another command in it
  runstate list                                         see what is there
  runstate delete --force c2                            end it and remove it

Exit codes are runc's: that of the process for run and exec (128 + n when signal n ended it, 126 for a
command that may not be executed, 127 for one that does not exist), 1 for what failed here (exec: 255).
`;

/**
 * Runs the command line and gives its exit code. Errors have been told when it resolves.
 * @param argv without node and the script
 */
export async function runProgram(argv: readonly string[]): Promise<number> {
  let program: Command | undefined;
  try {
    const names = await buildProgram([]);
    const wanted = commandOf(names, argv);
    program = wanted === undefined ? names : await buildProgram([wanted]);
    await program.parseAsync(argv, { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    // What commander says, it has said already.
    const options = program?.opts<ReportOptions>() ?? {};
    if (error instanceof CommanderError) {
      if (error.exitCode !== 0) logError(error, options);
      return error.exitCode;
    }
    if (!(error instanceof BrokenPipeError)) reportError(error, options);
    return exitCodeOf(error);
  }
}

/** The command that is asked for; undefined when none is, or one that does not exist. */
function commandOf(program: Command, argv: readonly string[]): string | undefined {
  const takesValue = new Set(
    program.options.filter(({ required }) => required).flatMap(({ long, short }) => [long, short]),
  );
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] ?? '';
    if (takesValue.has(word)) index++;
    else if (!word.startsWith('-') && word !== 'help')
      return Object.hasOwn(commands, word) ? word : undefined;
  }
  return undefined;
}
