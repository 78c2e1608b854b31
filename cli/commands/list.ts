import { Option } from 'commander';
import { action, examples, type CommandModule } from '../command.ts';
import { listContainers, type Listed } from '../containers/list.ts';
import type { Context } from '../context.ts';
import { jsonLine } from '../output/json.ts';
import { print, printError } from '../output/print.ts';
import { harmless } from '../../harmless.ts';
import { table } from '../output/table.ts';

interface ListOptions {
  readonly format: 'table' | 'json';
  readonly quiet?: boolean;
}

export const list: CommandModule = {
  define: (command) =>
    command
      .description(
        'Lists the containers of this --root. One that cannot be asked is shown as unknown, with the reason.',
      )
      .addOption(
        new Option('-f, --format <format>', 'table or json').choices(['table', 'json']).default('table'),
      )
      .option('-q, --quiet', 'print only the ids')
      .addHelpText(
        'after',
        examples(
          ['What is there', 'runstate list'],
          ['Remove everything', 'runstate list --quiet | xargs -r runstate delete --force'],
        ),
      )
      .action(action(listCommand)),
};

async function listCommand(context: Context, { format, quiet }: ListOptions): Promise<void> {
  const containers = await listContainers(context.root);
  if (quiet === true) print(containers.map(({ id }) => `${id}\n`).join(''));
  else if (format === 'json') print(jsonLine(containers));
  else {
    print(table(['ID', 'PID', 'STATUS', 'SANDBOX', 'BUNDLE', 'CREATED', 'OWNER'], containers.map(row)));
    for (const { id, reason } of containers)
      if (reason !== undefined) printError(`runstate: ${harmless(`${id}: ${reason}`)}`);
  }
}

const row = ({ id, pid, status, sandbox, bundle, created, owner }: Listed): string[] => [
  ...[id, String(pid), status, sandbox, bundle, created, owner],
];
