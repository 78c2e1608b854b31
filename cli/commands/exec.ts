import { resolve } from 'node:path';
import { Option } from 'commander';
import { RunstateError } from '../../errors/index.ts';
import { findSandbox } from '../../library/find-sandbox.ts';
import { checkId } from '../../oci/id.ts';
import type { ProcessSpec } from '../../oci/types.ts';
import type { ControlClient, ExecuteResult } from '../../transport/client/index.ts';
import { action, examples, type CommandModule } from '../command.ts';
import { clearAway } from '../containers/create.ts';
import { stayWith } from '../containers/foreground.ts';
import { inheritedFiles } from '../containers/inherited-files.ts';
import { checkConsole } from '../containers/launch.ts';
import { collect, environmentVariable, wholeNumber, withoutDashes } from '../containers/options.ts';
import { writePidFile } from '../containers/pid-file.ts';
import { processFromFile, processFromFlags, type ProcessOptions } from '../containers/process.ts';
import type { Context } from '../context.ts';
import { ExitError, exitCodeOf } from '../errors/exit-code.ts';
import { BrokenPipeError } from '../output/print.ts';
import { Interrupts } from '../signals/interrupts.ts';
import { TerminalRelay } from '../terminal/relay.ts';
import { withConsole } from '../terminal/with-console.ts';

interface ExecOptions extends ProcessOptions {
  readonly detach?: boolean;
  readonly process?: string;
  readonly pidFile?: string;
  readonly consoleSocket?: string;
  readonly preserveFds: number;
}

export const exec: CommandModule = {
  define: (command) => {
    command
      .description(
        'Runs another command in a running container, as the user, with the environment and the rights of its own\n' +
          'program unless flags say otherwise. Its exit code becomes ours, and signals that come to us go to it.',
      )
      .argument('<id>', 'the container')
      .argument('[command...]', 'what to run; put -- before it')
      .passThroughOptions()
      .option('-t, --tty', 'give it a terminal, joined to this one')
      .option('-d, --detach', 'leave it running in the background')
      .option('--cwd <dir>', 'its working directory')
      .option('-e, --env <name=value>', 'set a variable (may be given again)', environmentVariable)
      .option('-u, --user <user[:group]>', 'whom it runs as: numbers, or names of the container')
      .option(
        '-g, --additional-gids <gid>',
        'add a group (may be given again)',
        (value, before: readonly number[] | undefined) => [...(before ?? []), wholeNumber(value)],
      )
      .option('-c, --cap <name>', 'add a capability (may be given again)', collect)
      .option('--no-new-privs', 'let it gain no privileges, e.g. by a setuid program')
      .option('-p, --process <file>', "OCI's process document, instead of a command and these flags")
      .option('--pid-file <file>', "write the process's id, as the host numbers it, to this file")
      .option('--console-socket <socket>', "send the terminal's master end to this Unix socket")
      .option('--apparmor <profile>', 'its AppArmor profile')
      .option('--process-label <label>', 'its SELinux label')
      .addOption(
        new Option('--preserve-fds <n>', 'pass so many descriptors after standard error, from 3 on')
          .argParser(wholeNumber)
          .default(0),
      )
      .addHelpText(
        'after',
        examples(
          ['A command', 'runstate exec c1 -- ps'],
          ['A shell', 'runstate exec -t c1 -- sh'],
          ['As somebody else, elsewhere', 'runstate exec --user 1000 --cwd /tmp --env LANG=C c1 -- id'],
          ['Data in and out', 'runstate exec c1 -- gzip < data > data.gz'],
        ),
      )
      .action(action(execCommand));
  },
};

/** As runc: what an exec fails with that is not the command's own doing. */
const failed = 255;

async function execCommand(
  context: Context,
  id: string,
  args: readonly string[],
  options: ExecOptions,
): Promise<number> {
  try {
    return await runExec(context, id, withoutDashes(args), options);
  } catch (error) {
    const code = exitCodeOf(error);
    if (code !== 1 || error instanceof ExitError || error instanceof BrokenPipeError) throw error;
    throw new ExitError(failed, error);
  }
}

async function runExec(
  context: Context,
  id: string,
  args: readonly string[],
  options: ExecOptions,
): Promise<number> {
  checkId(id);
  if ((args.length === 0) === (options.process === undefined))
    throw new RunstateError('USAGE', {
      why: `give either a command or --process; a command stands after the id: runstate exec ${id} -- sh`,
    });
  const { client } = await findSandbox(context.root, id);
  using interrupts = new Interrupts();
  const { signal } = interrupts;
  try {
    const process = await processOf(client, id, args, options, signal);
    const terminal = process.terminal === true;
    const detached = options.detach === true;
    checkConsole({ terminal, detached, consoleSocket: options.consoleSocket });
    const files = inheritedFiles(options.preserveFds);
    const execute = (socket: string): Promise<ExecuteResult> =>
      client.call(
        'runstate.Execute',
        { CID: id, Process: process, ConsoleSocket: socket },
        { files, signal },
      );
    if (!terminal || detached) {
      const { consoleSocket } = options;
      const started = await execute(consoleSocket === undefined ? '' : resolve(consoleSocket));
      return await follow(client, id, started, options, interrupts, undefined);
    }
    const { result, master } = await withConsole(signal, execute, ({ PID }, error) =>
      clearAway(id, error, () => kill(client, id, PID)),
    );
    using relay = new TerminalRelay(master);
    return await follow(client, id, result, options, interrupts, relay);
  } catch (error) {
    // The call that was given up for it is not what happened.
    signal.throwIfAborted();
    throw error;
  } finally {
    client.close();
  }
}

async function processOf(
  client: ControlClient,
  id: string,
  args: readonly string[],
  options: ExecOptions,
  signal: AbortSignal,
): Promise<ProcessSpec> {
  if (options.process === undefined) {
    return processFromFlags(await client.call('runstate.State', { CID: id }, { signal }), args, options);
  }
  const process = await processFromFile(options.process);
  return options.tty === true ? { ...process, terminal: true } : process;
}

async function follow(
  client: ControlClient,
  cid: string,
  started: ExecuteResult,
  options: ExecOptions,
  interrupts: Interrupts,
  relay: TerminalRelay | undefined,
): Promise<number> {
  const pid = started.PID;
  try {
    if (options.pidFile !== undefined) writePidFile(options.pidFile, started.HostPID);
  } catch (error) {
    await clearAway(cid, error, () => kill(client, cid, pid));
    throw error;
  }
  if (options.detach === true) return 0;
  return stayWith({ client, cid, pid, interrupts, relay });
}

const SIGKILL = 9;

async function kill(client: ControlClient, cid: string, pid: number): Promise<void> {
  await client.call('containerManager.Signal', { CID: cid, PID: pid, Signo: SIGKILL, Mode: 0 });
}
