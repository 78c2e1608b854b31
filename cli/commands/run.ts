import { Option } from 'commander';
import { RunstateError } from '../../errors/index.ts';
import { checkId } from '../../oci/id.ts';
import { action, examples, type CommandModule } from '../command.ts';
import { clearAway, createContainer, type Created } from '../containers/create.ts';
import { stayWith } from '../containers/foreground.ts';
import { addLaunchOptions, checkConsole, createOptions, type LaunchOptions } from '../containers/launch.ts';
import {
  environmentVariable,
  positiveFraction,
  positiveNumber,
  withoutDashes,
} from '../containers/options.ts';
import { writePidFile } from '../containers/pid-file.ts';
import { bundleSource, rootfsSource, type Source } from '../containers/source.ts';
import type { Context } from '../context.ts';
import { messageOf } from '../../errors/index.ts';
import { printError } from '../output/print.ts';
import { Interrupts } from '../signals/interrupts.ts';
import { TerminalRelay } from '../terminal/relay.ts';
import { withConsole } from '../terminal/with-console.ts';

interface RunOptions extends LaunchOptions {
  readonly detach?: boolean;
  readonly tty?: boolean;
  readonly keep?: boolean;
  readonly rm?: boolean;
  readonly rootfs?: string;
  readonly sandbox?: string;
  readonly memory?: string;
  readonly cpus?: number;
  readonly pids?: number;
  readonly env?: readonly string[];
  readonly cwd?: string;
  readonly user?: string;
  readonly hostname?: string;
  readonly writable?: boolean;
}

const withoutBundle = 'With --rootfs:';

export const run: CommandModule = {
  define: (command) => {
    addLaunchOptions(command)
      .description(
        'Creates a container, starts it, waits for its end and removes it. Its exit code becomes ours, signals that\n' +
          'come to us go to it, and its standard streams are ours.\n\n' +
          'It is made from a bundle, or with --rootfs from a root file system alone: then the command stands after\n' +
          'the id, and the container is safe by default (no network but loopback, no new privileges, few\n' +
          'capabilities, a seccomp profile, limits, a root file system that is read only).',
      )
      .argument('<id>', 'a name that no other container of this --root has')
      .argument('[command...]', 'with --rootfs: what to run; put -- before it')
      .passThroughOptions()
      .option('-d, --detach', 'leave it running in the background, to be removed by runstate delete')
      .option('-t, --tty', 'give it a terminal, joined to this one')
      .option('--keep', 'do not remove it when it has ended')
      .addOption(new Option('--rm', 'as without: a container in the foreground is removed').hideHelp())
      .optionsGroup(withoutBundle)
      .option('--rootfs <path>', 'the root file system: a directory, or a tar file of which a copy is made')
      .option('--writable', 'let it write to the directory')
      .option('--sandbox <id>', 'join this sandbox: one network, one pause, one end')
      .option('--memory <bytes>', 'the most memory it may use, e.g. 512m')
      .option('--cpus <n>', 'how many processors it may use, e.g. 0.5', positiveFraction)
      .option('--pids <n>', 'how many processes it may have', positiveNumber)
      .option('-e, --env <name=value>', 'set a variable (may be given again)', environmentVariable)
      .option('--cwd <dir>', 'its working directory')
      .option('-u, --user <user[:group]>', 'whom it runs as: numbers, or names of its file system')
      .option('--hostname <name>', "the sandbox's host name")
      .addHelpText(
        'after',
        examples(
          ['A command in a throw-away container', 'runstate run --rootfs /srv/busybox c1 -- echo hello'],
          ['A shell', 'runstate run -t --rootfs /srv/busybox c1 -- sh'],
          [
            'With limits, in the background',
            'runstate run -d --memory 256m --cpus 0.5 --rootfs image.tar web -- httpd -f',
          ],
          [
            'Another one beside it, in the same sandbox',
            'runstate run --sandbox web --rootfs /srv/busybox probe -- wget -qO- localhost',
          ],
          ['From a bundle, as with runc', 'runstate run --bundle /srv/web web'],
        ),
      )
      .action(action(runCommand));
  },
};

async function runCommand(
  context: Context,
  id: string,
  args: readonly string[],
  options: RunOptions,
): Promise<number> {
  checkId(id);
  const source = await sourceOf(context, id, withoutDashes(args), options);
  const detached = options.detach === true;
  checkConsole({ terminal: source.terminal, detached, consoleSocket: options.consoleSocket });
  using interrupts = new Interrupts();
  if (!source.terminal || detached) {
    const what = createOptions(options, options.consoleSocket);
    const made = await createContainer(context, source, what, interrupts.signal);
    return await launch(id, made, options, interrupts, undefined);
  }
  const { result, master } = await withConsole(
    interrupts.signal,
    (socket) => createContainer(context, source, createOptions(options, socket), interrupts.signal),
    (made, error) => clearAway(id, error, made.destroy),
  );
  using relay = new TerminalRelay(master);
  return await launch(id, result, options, interrupts, relay);
}

async function launch(
  id: string,
  made: Created,
  options: RunOptions,
  interrupts: Interrupts,
  relay: TerminalRelay | undefined,
): Promise<number> {
  const { client, state } = made;
  try {
    let code: number;
    try {
      interrupts.signal.throwIfAborted();
      interrupts.hold();
      await client.call('runstate.Start', { CID: id });
      if (options.pidFile !== undefined) writePidFile(options.pidFile, state.pid);
      if (options.detach === true) return 0;
      code = await stayWith({ client, cid: id, interrupts, relay });
    } catch (error) {
      await clearAway(id, error, made.destroy);
      interrupts.signal.throwIfAborted();
      throw error;
    }
    if (options.keep !== true) await remove(id, made);
    return code;
  } finally {
    client.close();
  }
}

/** What the program said with its exit code counts more than that something of it is left. */
async function remove(id: string, made: Created): Promise<void> {
  try {
    await made.destroy();
  } catch (error) {
    printError(`runstate: container ${id} has ended, but was not removed: ${messageOf(error)}`);
  }
}

async function sourceOf(
  context: Context,
  id: string,
  args: readonly string[],
  options: RunOptions,
): Promise<Source> {
  const tty = options.tty === true;
  const { rootfs } = options;
  if (rootfs === undefined) {
    refuseWithoutRootfs(args, options);
    return bundleSource(id, options.bundle, tty);
  }
  if (args.length === 0)
    throw new RunstateError('USAGE', {
      why: `there is no command to run; put it after the id: runstate run --rootfs ${rootfs} ${id} -- sh`,
    });
  const { env, writable, ...rest } = options;
  if (options.sandbox !== undefined) checkId(options.sandbox);
  return rootfsSource(context, id, {
    ...rest,
    rootfs,
    args,
    tty,
    env: env ?? [],
    writable: writable === true,
  });
}

/** A bundle says all of this itself. */
function refuseWithoutRootfs(args: readonly string[], options: RunOptions): void {
  const given = (
    ['sandbox', 'memory', 'cpus', 'pids', 'env', 'cwd', 'user', 'hostname', 'writable'] as const
  ).find((name) => options[name] !== undefined);
  const what = given === undefined ? (args.length > 0 ? 'a command' : undefined) : `--${given}`;
  if (what === undefined) return;
  throw new RunstateError('USAGE', {
    why: `${what} needs --rootfs; of a bundle, config.json says what runs, and how`,
  });
}
