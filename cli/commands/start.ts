import { action, examples, type CommandModule } from '../command.ts';
import { withSandbox } from '../containers/connect.ts';
import type { Context } from '../context.ts';

export const start: CommandModule = {
  define: (command) =>
    command
      .description('Runs the program of a container that runstate create has made.')
      .argument('<id>', 'the container')
      .addHelpText(
        'after',
        examples(['In two steps, what run does in one', 'runstate create c1 && runstate start c1']),
      )
      .action(action(startCommand)),
};

async function startCommand(context: Context, id: string): Promise<void> {
  await withSandbox(context, id, ({ client }) => client.call('runstate.Start', { CID: id }));
}
