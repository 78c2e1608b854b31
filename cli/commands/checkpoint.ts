import { Option } from 'commander';
import { RunstateError } from '../../errors/index.ts';
import { checkpointTo } from '../../library/checkpoint.ts';
import { action, examples, type CommandModule } from '../command.ts';
import { withSandbox } from '../containers/connect.ts';
import { destroyIfThere } from '../containers/destroy-if-there.ts';
import { addRuncFlags, metadataEntry, readKey } from '../containers/statefile-options.ts';
import type { Context } from '../context.ts';
import { ProgressBar } from '../output/progress-bar.ts';
import { Interrupts } from '../signals/interrupts.ts';

interface CheckpointOptions {
  readonly imagePath: string;
  readonly leaveRunning?: boolean;
  readonly compression: 'none' | 'gzip';
  readonly exec: 'refuse' | 'kill';
  readonly keyFile?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

export const checkpoint: CommandModule = {
  define: (command) =>
    addRuncFlags(command)
      .description(
        'Saves a whole sandbox, all its containers at one instant, to one file: memory, files, processes, terminals\n' +
          'and the connections between them. Then it is gone, unless it is left running, and its id is free;\n' +
          "'runstate restore' makes it again from the file. When it fails, the sandbox goes on as it was.",
      )
      .argument('<id>', 'the sandbox')
      .option('--image-path <file>', 'where to: a file, or a directory for checkpoint.img in it', '.')
      .option('--leave-running', 'let it go on when it is saved')
      .addOption(new Option('--compression <kind>', 'of the file').choices(['none', 'gzip']).default('none'))
      .addOption(
        new Option('--exec <policy>', "what to do with exec'd processes that cannot be saved")
          .choices(['refuse', 'kill'])
          .default('refuse'),
      )
      .option('--key-file <file>', 'a secret: only who has it can make or change a file that is restored')
      .option('--metadata <name=value>', 'keep this in the file (may be given again)', metadataEntry)
      .addHelpText(
        'after',
        examples(
          [
            'Save a sandbox, and make it again',
            'runstate checkpoint --image-path web.img web && runstate restore -d --image-path web.img web',
          ],
          ['A copy of one that goes on', 'runstate checkpoint --leave-running --image-path web.img web'],
          ['What is in the file', 'runstate statefile inspect web.img'],
        ),
      )
      .action(action(checkpointCommand)),
};

async function checkpointCommand(context: Context, id: string, options: CheckpointOptions): Promise<void> {
  const { imagePath, keyFile, metadata, ...rest } = options;
  const key = readKey(keyFile);
  using interrupts = new Interrupts();
  using bar = new ProgressBar();
  const { onProgress } = bar;
  await withSandbox(context, id, async ({ client, sandbox }) => {
    if (id !== sandbox)
      throw new RunstateError('USAGE', {
        why: `container ${id} is in sandbox ${sandbox}, which is saved as a whole: runstate checkpoint ${sandbox}`,
      });
    await saveUnlessInterrupted(interrupts.signal, client, imagePath, {
      ...rest,
      ...(key === undefined ? {} : { key }),
      ...(metadata === undefined ? {} : { metadata }),
      ...(onProgress === undefined ? {} : { onProgress }),
    });
    // As with runc: what was saved is there no more. A `run` in the foreground may clear it away, too.
    if (rest.leaveRunning !== true) await destroyIfThere(client, id);
  });
}

async function saveUnlessInterrupted(
  signal: AbortSignal,
  ...[client, path, options]: Parameters<typeof checkpointTo>
): Promise<void> {
  try {
    await checkpointTo(client, path, { ...options, signal });
  } catch (error) {
    // By a signal, whose exit code is ours.
    signal.throwIfAborted();
    throw error;
  }
}
