import { action, examples, type CommandModule } from '../command.ts';
import { withSandbox } from '../containers/connect.ts';
import { waitForExit } from '../containers/exit-status.ts';
import { positiveNumber } from '../containers/options.ts';
import type { Context } from '../context.ts';
import { jsonLine } from '../output/json.ts';
import { print } from '../output/print.ts';

export const wait: CommandModule = {
  define: (command) =>
    command
      .description(
        "Waits for the end of the container's own program, or of one process, and prints its exit status as JSON:\n" +
          'the code, or 128 + n when signal n has ended it. Of a container that has ended, at once, and as often as asked.',
      )
      .argument('<id>', 'the container')
      .option('--pid <n>', 'this process, as the container numbers it', positiveNumber)
      .addHelpText('after', examples(['Wait for a container in the background', 'runstate wait c1']))
      .action(action(waitCommand)),
};

async function waitCommand(context: Context, id: string, { pid }: { readonly pid?: number }): Promise<void> {
  await withSandbox(context, id, async ({ client }) => {
    const exitStatus = await waitForExit(client, id, pid);
    print(jsonLine({ id, ...(pid === undefined ? {} : { pid }), exitStatus }));
  });
}
