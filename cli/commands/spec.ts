import { closeSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { RunstateError, messageOf } from '../../errors/index.ts';
import { defaultSpec } from '../../oci/index.ts';
import { action, examples, type CommandModule } from '../command.ts';
import { positiveFraction, positiveNumber } from '../containers/options.ts';
import type { Context } from '../context.ts';
import { jsonText } from '../output/json.ts';
import { isSystemError } from '../../native/errno.ts';

interface SpecOptions {
  readonly bundle: string;
  readonly rootfs: string;
  readonly tty: boolean;
  readonly memory?: string;
  readonly cpus?: number;
  readonly pids?: number;
}

export const spec: CommandModule = {
  define: (command) =>
    command
      .description(
        'Writes a config.json to start from. It is safe by default: no network but loopback, no new privileges, few\n' +
          'capabilities, a seccomp profile, masked paths, limits for memory, processor time and processes, and a root\n' +
          'file system that is read only.',
      )
      .argument('[command...]', 'what the container runs (default: sh); put -- before it')
      .option('-b, --bundle <dir>', 'where to write it', '.')
      .option('--rootfs <dir>', 'the root file system, from the bundle on', 'rootfs')
      .option('--no-tty', 'without a terminal')
      .option('--memory <bytes>', 'the most memory it may use, e.g. 512m')
      .option('--cpus <n>', 'how many processors it may use, e.g. 0.5', positiveFraction)
      .option('--pids <n>', 'how many processes it may have', positiveNumber)
      .addHelpText(
        'after',
        examples(
          ['A bundle in this directory, beside its rootfs/', 'runstate spec && runstate run -t c1'],
          ['Another program, with less memory', 'runstate spec --no-tty --memory 64m -- httpd -f'],
        ),
      )
      .action(action(specCommand)),
};

// eslint-disable-next-line @typescript-eslint/require-await -- as all commands
async function specCommand(_context: Context, args: readonly string[], options: SpecOptions): Promise<void> {
  const file = join(resolve(options.bundle), 'config.json');
  const made = defaultSpec({
    args: args.length === 0 ? ['sh'] : args,
    rootfs: options.rootfs,
    terminal: options.tty,
    ...(options.memory === undefined ? {} : { memory: options.memory }),
    ...(options.cpus === undefined ? {} : { cpus: options.cpus }),
    ...(options.pids === undefined ? {} : { pids: options.pids }),
  });
  const fd = openNew(file, options.bundle);
  try {
    writeFileSync(fd, jsonText(made));
  } catch (error) {
    // The disk may be full: a file cut short would be in the way of the next attempt.
    rmSync(file);
    throw error;
  } finally {
    closeSync(fd);
  }
}

function openNew(file: string, bundle: string): number {
  try {
    return openSync(file, 'wx');
  } catch (error) {
    if (isSystemError(error, 'EEXIST')) {
      throw new RunstateError(
        'USAGE',
        { why: `${file} exists; remove it first, or name another --bundle` },
        { cause: error },
      );
    }
    throw new RunstateError('BUNDLE', { bundle, why: messageOf(error) }, { cause: error });
  }
}
