/** What create and run have in common. */
import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { RunstateError } from '../../errors/index.ts';
import { initOption } from './init-option.ts';
import type { OverlayKind } from '../../platforms/platform.ts';
import { overlayOption, size, wholeNumber } from './options.ts';
import { inheritedFiles } from './inherited-files.ts';
import type { CreateOptions } from './create.ts';

/** As commander reads them. */
export interface LaunchOptions {
  readonly bundle: string;
  readonly pidFile?: string;
  readonly consoleSocket?: string;
  /** False for --no-pivot. */
  readonly pivot: boolean;
  /** False for --no-new-keyring. */
  readonly newKeyring: boolean;
  readonly preserveFds: number;
  readonly init?: 'runstate' | 'none';
  readonly overlay?: OverlayKind;
  /** Bytes. */
  readonly overlaySize?: number;
}

/** Adds the flags of {@link LaunchOptions}. */
export function addLaunchOptions(command: Command): Command {
  return command
    .option('-b, --bundle <dir>', 'the bundle: a directory with a config.json', '.')
    .option('--pid-file <file>', "write the process's id, as the host numbers it, to this file")
    .option('--console-socket <socket>', "send the terminal's master end to this Unix socket")
    .option('--no-pivot', 'do not use pivot_root: for a root file system on a ramdisk')
    .option('--no-new-keyring', 'keep the session keyring of the supervisor')
    .addOption(initOption())
    .addOption(
      new Option('--preserve-fds <n>', 'pass so many descriptors after standard error, from 3 on')
        .argParser(wholeNumber)
        .default(0),
    )
    .addOption(
      overlayOption(
        "what it writes to its root file system goes to a layer of its own: 'memory' or 'disk'; 'none' writes to the directory itself",
      ),
    )
    .option('--overlay-size <bytes>', 'the most that a layer in memory may hold, e.g. 64m', size);
}

export function createOptions(options: LaunchOptions, consoleSocket: string | undefined): CreateOptions {
  return {
    consoleSocket: consoleSocket === undefined ? undefined : resolve(consoleSocket),
    noPivot: !options.pivot,
    noNewKeyring: !options.newKeyring,
    init: options.init,
    overlay: options.overlay,
    overlaySize: overlaySizeOf(options),
    files: inheritedFiles(options.preserveFds),
  };
}

/** @throws RunstateError USAGE */
function overlaySizeOf({ overlay, overlaySize }: LaunchOptions): number | undefined {
  if (overlaySize !== undefined && (overlay === 'disk' || overlay === 'none'))
    throw new RunstateError('USAGE', {
      why: '--overlay-size is for --overlay=memory: on disk, only the file system that --root is on sets a limit',
    });
  return overlaySize;
}

/**
 * Refuses what cannot be: a terminal that nobody would hold, or a socket for one that there is not; as runc does.
 * @throws RunstateError USAGE
 */
export function checkConsole(what: {
  readonly terminal: boolean;
  readonly detached: boolean;
  readonly consoleSocket: string | undefined;
}): void {
  const refuse = (why: string): never => {
    throw new RunstateError('USAGE', { why });
  };
  const { terminal, detached, consoleSocket } = what;
  if (detached && terminal && consoleSocket === undefined)
    refuse('a terminal in the background needs --console-socket: nobody else would hold it');
  if (consoleSocket === undefined) return;
  if (!terminal)
    refuse('--console-socket is given, but the process has no terminal: set process.terminal, or give -t');
  if (!detached)
    refuse('--console-socket needs --detach: in the foreground the terminal is joined to this one');
}
