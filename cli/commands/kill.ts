import { RunstateError } from '../../errors/index.ts';
import { signalNumber } from '../../oci/signals.ts';
import { action, examples, type CommandModule } from '../command.ts';
import { withSandbox } from '../containers/connect.ts';
import { positiveNumber } from '../containers/options.ts';
import type { Context } from '../context.ts';

interface KillOptions {
  readonly all?: boolean;
  readonly pid?: number;
}

export const kill: CommandModule = {
  define: (command) =>
    command
      .description("Sends a signal to the container's own program, to every process in it, or to one.")
      .argument('<id>', 'the container')
      .argument(
        '[signal]',
        'a name or a number: KILL, SIGKILL, 9; 0 only asks whether it is there',
        'SIGTERM',
      )
      .option('-a, --all', 'to every process of the container')
      .option('--pid <n>', 'to this process, as the container numbers it', positiveNumber)
      .addHelpText(
        'after',
        examples(
          ['Ask the program to end', 'runstate kill c1'],
          ['End everything in the container', 'runstate kill --all c1 KILL'],
        ),
      )
      .action(action(killCommand)),
};

async function killCommand(
  context: Context,
  id: string,
  signal: string,
  options: KillOptions,
): Promise<void> {
  const Signo = signalNumber(signal);
  const all = options.all === true;
  if (all && options.pid !== undefined)
    throw new RunstateError('USAGE', { why: '--all and --pid exclude each other' });
  const args = { CID: id, Signo, PID: options.pid ?? 0, Mode: all ? 1 : 0 };
  await withSandbox(context, id, async ({ client }) => {
    await client.call('containerManager.Signal', args);
  });
}
