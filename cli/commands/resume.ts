import { action, examples, type CommandModule } from '../command.ts';
import { withSandbox } from '../containers/connect.ts';
import type { Context } from '../context.ts';

export const resume: CommandModule = {
  define: (command) =>
    command
      .description('Lets what runstate pause has frozen go on: a sandbox, or one container of it.')
      .argument('<id>', 'what was paused')
      .addHelpText(
        'after',
        examples(['Freeze a sandbox, and let it go on', 'runstate pause web && runstate resume web']),
      )
      .action(action(resumeCommand)),
};

async function resumeCommand(context: Context, id: string): Promise<void> {
  await withSandbox(context, id, ({ client, sandbox }) =>
    id === sandbox
      ? client.call('containerManager.Resume', null)
      : client.call('runstate.ResumeContainer', { CID: id }),
  );
}
