import { action, examples, type CommandModule } from '../command.ts';
import { withSandbox } from '../containers/connect.ts';
import type { Context } from '../context.ts';

export const pause: CommandModule = {
  define: (command) =>
    command
      .description(
        'Freezes every process, until runstate resume. The id of a sandbox (its first container) freezes all its\n' +
          'containers at one instant; that of another container freezes it alone.',
      )
      .argument('<id>', 'the sandbox, or a container in it')
      .addHelpText(
        'after',
        examples(['Freeze a sandbox, and let it go on', 'runstate pause web && runstate resume web']),
      )
      .action(action(pauseCommand)),
};

async function pauseCommand(context: Context, id: string): Promise<void> {
  await withSandbox(context, id, ({ client, sandbox }) =>
    id === sandbox
      ? client.call('containerManager.Pause', null)
      : client.call('runstate.PauseContainer', { CID: id }),
  );
}
