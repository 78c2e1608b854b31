import { action, examples, type CommandModule } from '../command.ts';
import { withSandbox } from '../containers/connect.ts';
import { shownState } from '../containers/exit-status.ts';
import type { Context } from '../context.ts';
import { jsonText } from '../output/json.ts';
import { print } from '../output/print.ts';

export const state: CommandModule = {
  define: (command) =>
    command
      .description(
        "Prints OCI's state document of a container, and more: its sandbox, the state of its statechart (which tells\n" +
          'pausing from running), when it was created, and how it ended.',
      )
      .argument('<id>', 'the container')
      .addHelpText('after', examples(['Is it running?', 'runstate state c1 | grep status']))
      .action(action(stateCommand)),
};

async function stateCommand(context: Context, id: string): Promise<void> {
  await withSandbox(context, id, async ({ client }) => {
    print(jsonText(shownState(await client.call('runstate.State', { CID: id }))));
  });
}
