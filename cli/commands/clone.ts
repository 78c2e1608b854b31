import { closeSync } from 'node:fs';
import { Option } from 'commander';
import { RunstateError } from '../../errors/index.ts';
import { cloneFrom, saveToNameless } from '../../library/clone.ts';
import { openStatefile } from '../../library/restore.ts';
import { checkId } from '../../oci/id.ts';
import { action, examples, type CommandModule } from '../command.ts';
import { withSandbox } from '../containers/connect.ts';
import { readKey } from '../containers/statefile-options.ts';
import type { Context } from '../context.ts';
import { reportError } from '../errors/report.ts';
import { print } from '../output/print.ts';
import { Interrupts } from '../signals/interrupts.ts';

interface CloneOptions {
  readonly imagePath?: string;
  readonly keyFile?: string;
  readonly hold?: boolean;
  readonly exec: 'refuse' | 'kill';
}

export const clone: CommandModule = {
  define: (command) =>
    command
      .description(
        'Makes copies of a sandbox that goes on, or of one that was saved to a file: each with all its containers,\n' +
          'memory and files as they were, and a network, a host name and limits of its own. Other containers than\n' +
          'the first are called CLONE-NAME. Prints the ids of the clones that were made.',
      )
      .argument('<ids...>', 'the sandbox, then the ids of its clones; with --image-path the clones alone')
      .option('--image-path <file>', 'make them from this file: one of a checkpoint')
      .option('--key-file <file>', 'the secret that the file was saved with')
      .option('--hold', "let them stand still until 'runstate resume'")
      .addOption(
        new Option('--exec <policy>', "what to do with exec'd processes that cannot be saved")
          .choices(['refuse', 'kill'])
          .default('refuse'),
      )
      .addHelpText(
        'after',
        examples(
          ['Two copies of a sandbox, which go their own ways', 'runstate clone web web-2 web-3'],
          ['Ten from a file', 'runstate clone --image-path web.img $(seq -f web-%g 10)'],
        ),
      )
      .action(action(cloneCommand)),
};

async function cloneCommand(
  context: Context,
  ids: readonly string[],
  options: CloneOptions,
): Promise<number> {
  ids.forEach(checkId);
  using interrupts = new Interrupts();
  const { signal } = interrupts;
  const { imagePath, exec } = options;
  const clones = imagePath === undefined ? ids.slice(1) : ids;
  if (clones.length === 0)
    throw new RunstateError('USAGE', { why: 'no clone is named: runstate clone SANDBOX NEW…' });
  const key = readKey(options.keyFile);
  if (key !== undefined && imagePath === undefined)
    throw new RunstateError('USAGE', { why: '--key-file needs --image-path' });
  const fd =
    imagePath === undefined ? await saved(context, ids[0] ?? '', { exec, signal }) : openStatefile(imagePath);
  try {
    const outcomes = await cloneFrom(fd, context, clones, {
      signal,
      hold: options.hold === true,
      ...(key === undefined ? {} : { key }),
    });
    for (const outcome of outcomes) {
      if ('client' in outcome) {
        outcome.client.close();
        print(`${outcome.id}\n`);
      } else reportError(outcome.error, context);
    }
    return outcomes.every((outcome) => 'client' in outcome) ? 0 : 1;
  } finally {
    closeSync(fd);
  }
}

function saved(
  context: Context,
  id: string,
  options: { readonly exec: 'refuse' | 'kill'; readonly signal: AbortSignal },
): Promise<number> {
  return withSandbox(context, id, ({ client, sandbox }) => {
    if (id !== sandbox)
      throw new RunstateError('USAGE', {
        why: `container ${id} is in sandbox ${sandbox}, which is cloned as a whole: runstate clone ${sandbox} …`,
      });
    return saveToNameless(client, context.root, options);
  });
}
