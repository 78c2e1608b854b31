import { messageOf } from '../../errors/index.ts';
import { deleteContainer } from '../containers/delete.ts';
import { action, examples, type CommandModule } from '../command.ts';
import type { Context } from '../context.ts';
import { reportError } from '../errors/report.ts';

export const delete_: CommandModule = {
  define: (command) =>
    command
      .description(
        'Removes containers that have ended, or were never started, and everything they hold. Deleting the first\n' +
          'container of a sandbox removes the sandbox, with all others in it.\n\n' +
          'With --force also running ones, which are killed, and those whose supervisor has died; one that does not\n' +
          'exist is no error then.',
      )
      .argument('<ids...>', 'the containers')
      .option('-f, --force', 'whatever their state')
      .addHelpText(
        'after',
        examples(
          ['Remove a container that has ended', 'runstate delete c1'],
          [
            'Remove everything, in whatever state',
            'runstate list --quiet | xargs -r runstate delete --force',
          ],
        ),
      )
      .action(action(deleteCommand)),
};

async function deleteCommand(
  context: Context,
  ids: readonly string[],
  options: { readonly force?: boolean },
): Promise<number> {
  let failures = 0;
  for (const id of ids) {
    try {
      await deleteContainer(context, id, options.force === true);
    } catch (error) {
      // One that cannot be removed does not keep the others.
      if (ids.length === 1) throw error;
      failures += 1;
      reportError(new Error(`${id}: ${messageOf(error)}`, { cause: error }), context);
    }
  }
  return failures === 0 ? 0 : 1;
}
