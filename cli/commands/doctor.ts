import { silent } from '../../log/logger.ts';
import { linuxPlatform } from '../../platforms/linux/index.ts';
import type { ProbeCheck } from '../../platforms/platform.ts';
import { action, examples, type CommandModule } from '../command.ts';
import type { Context } from '../context.ts';
import { jsonText } from '../output/json.ts';
import { print } from '../output/print.ts';
import { table } from '../output/table.ts';

export const doctor: CommandModule = {
  define: (command) =>
    command
      .description(
        'Looks at this machine: what runstate can do here, what is limited or missing, and what would mend it.\n' +
          'Ends with 1 when something is missing without which no container runs.',
      )
      .option('--json', 'print it as JSON')
      .addHelpText('after', examples(['Can this machine run containers?', 'runstate doctor']))
      .action(action(doctorCommand)),
};

async function doctorCommand(context: Context, { json }: { readonly json?: boolean }): Promise<number> {
  const runtime = context.runtime === undefined ? {} : { runtime: context.runtime };
  const report = await linuxPlatform({ ...runtime, log: silent }).probe();
  const isMissing = report.checks.some(({ verdict }) => verdict === 'missing');
  if (json === true) print(jsonText(report));
  else print(text(report.checks, isMissing));
  return isMissing ? 1 : 0;
}

const marks = { ok: 'ok', limited: 'LIMITED', missing: 'MISSING' } as const;

function text(checks: readonly ProbeCheck[], isMissing: boolean): string {
  const rows = checks.map(({ name, verdict, detail }) => [marks[verdict], name, detail]);
  const remedies = checks.flatMap(({ name, verdict, remedy }) =>
    verdict === 'ok' || remedy === undefined ? [] : [`  ${name}: ${remedy}\n`],
  );
  return [
    table(['', 'CHECK', 'FOUND'], rows),
    remedies.length === 0 ? '' : `\nTo mend it:\n${remedies.join('')}`,
    isMissing ? '\nContainers cannot run here yet.\n' : '\nContainers can run here.\n',
  ].join('');
}
