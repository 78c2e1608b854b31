import { Option } from 'commander';
import { action, examples, type CommandModule } from '../command.ts';
import { withSandbox } from '../containers/connect.ts';
import type { Context } from '../context.ts';
import { jsonLine } from '../output/json.ts';
import { print } from '../output/print.ts';
import { table } from '../output/table.ts';

interface PsOptions {
  readonly format: 'table' | 'json';
}

const headings = ['UID', 'PID', 'PPID', 'C', 'STIME', 'TIME', 'CMD'];

export const ps: CommandModule = {
  define: (command) =>
    command
      .description('Lists the processes of a container, by their ids in the container.')
      .argument('<id>', 'the container')
      .addOption(
        new Option('-f, --format <format>', 'table, or json: a list of ids')
          .choices(['table', 'json'])
          .default('table'),
      )
      .addHelpText('after', examples(['What runs in it', 'runstate ps c1']))
      .action(action(psCommand)),
};

async function psCommand(context: Context, id: string, { format }: PsOptions): Promise<void> {
  await withSandbox(context, id, async ({ client }) => {
    const processes = await client.call('containerManager.Processes', id);
    if (format === 'json') {
      print(jsonLine(processes.map(({ pid }) => pid)));
      return;
    }
    const rows = processes.map(({ uid, pid, ppid, c, stime, time, cmd }) =>
      [uid, pid, ppid, c, stime, time, cmd].map(String),
    );
    print(table(headings, rows));
  });
}
