import { existsSync } from 'node:fs';
import { scanJournal, type JournalRecord } from '../../actors/journal/index.ts';
import { sandboxFiles, sandboxOfContainer } from '../../actors/run-directory/index.ts';
import { RunstateError } from '../../errors/index.ts';
import { checkId } from '../../oci/id.ts';
import { action, examples, type CommandModule } from '../command.ts';
import type { Context } from '../context.ts';
import { journalText } from '../journal/journal-text.ts';
import { print } from '../output/print.ts';

interface JournalOptions {
  readonly format: 'text' | 'json';
}

export const journal: CommandModule = {
  define: (command) =>
    command
      .description(
        'Prints what a sandbox was asked, intended and did, from its journal, also when its supervisor has died: calls,\n' +
          'transitions of its statecharts, and what the platform did. A journal that has grown long was begun anew: what\n' +
          'was before is printed as far as it is kept. What follows a damaged record is not read.',
      )
      .argument('<id>', 'of a container; the journal of its whole sandbox is printed')
      .option('--format <format>', "'text', or 'json': the records, a line each", 'text')
      .addHelpText(
        'after',
        examples(
          ['What happened to it?', 'runstate journal web'],
          [
            'With where each chart was left, as the next supervisor reads it',
            'runstate journal --format json web',
          ],
        ),
      )
      .action(action(journalCommand)),
};

function journalCommand(context: Context, id: string, { format }: JournalOptions): Promise<void> {
  const { root } = context;
  const sandbox = sandboxOfContainer(root, checkId(id)) ?? id;
  const files = sandboxFiles(root, sandbox);
  if (!existsSync(files.directory)) throw new RunstateError('CONTAINER_NOT_FOUND', { id, where: root });
  const before = `${files.journal}.old`;
  if (existsSync(before)) printAll(scanJournal(before).records, format);
  const { records, damage } = scanJournal(files.journal);
  printAll(records, format);
  return damage === undefined ? Promise.resolve() : Promise.reject(damage);
}

function printAll(records: readonly JournalRecord[], format: JournalOptions['format']): void {
  for (const record of records) {
    const text = format === 'json' ? JSON.stringify(record) : journalText(record);
    if (text !== undefined) print(`${text}\n`);
  }
}
