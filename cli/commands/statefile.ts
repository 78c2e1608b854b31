import { closeSync } from 'node:fs';
import { parseManifest } from '../../actors/checkpoint/manifest.ts';
import { openStatefile } from '../../library/restore.ts';
import { inspectStatefile, type Inspection, type StatefileHeader } from '../../statefile/index.ts';
import { action, examples, type CommandModule } from '../command.ts';
import { readKey } from '../containers/statefile-options.ts';
import type { Context } from '../context.ts';
import { jsonText } from '../output/json.ts';
import { print } from '../output/print.ts';
import { harmless } from '../../harmless.ts';
import { table } from '../output/table.ts';
import { Interrupts } from '../signals/interrupts.ts';

interface InspectOptions {
  readonly json?: boolean;
  readonly keyFile?: string;
}

export const statefile: CommandModule = {
  define: (command) =>
    command.description('Looks into the files that checkpoints write.').addCommand(
      command
        .createCommand('inspect')
        .summary('show what is in a file, without restoring it')
        .description(
          'Shows what is in the file that a checkpoint wrote, without restoring anything, and checks that it is\n' +
            'whole. Of one that was saved with a key that can only be checked with the key.',
        )
        .argument('<file>', 'the file, or a directory with checkpoint.img in it')
        .option('--json', 'all of it, as JSON')
        .option('--key-file <file>', 'the secret that it was saved with')
        .addHelpText('after', examples(['What is in a file', 'runstate statefile inspect web.img']))
        .action(action(inspectCommand)),
    ),
};

async function inspectCommand(_context: Context, path: string, options: InspectOptions): Promise<void> {
  const key = readKey(options.keyFile);
  const fd = openStatefile(path);
  try {
    using interrupts = new Interrupts();
    const { signal } = interrupts;
    const found = await inspectStatefile(fd, { signal, ...(key === undefined ? {} : { key }) });
    if (options.json === true)
      print(
        jsonText({
          ...found.header,
          entries: found.entries,
          bytes: found.bytes,
          digest: found.digest,
          verified: found.isVerified,
        }),
      );
    else print(describe(found));
  } finally {
    closeSync(fd);
  }
}

function describe({ header, entries, bytes: whole, isVerified }: Inspection): string {
  const { sandbox, containers } = parseManifest(header.manifest);
  const bytes = entries.reduce((sum, one) => sum + one.bytes, 0);
  const sizeOf = (cid: string): number =>
    entries.filter(({ name }) => name.startsWith(`${cid}/`)).reduce((sum, one) => sum + one.bytes, 0);
  const facts: readonly (readonly [string, string])[] = [
    ['sandbox', sandbox],
    ['saved', header.created],
    ['by', madeBy(header)],
    ['content', `${megabytes(bytes)} in ${entries.length} files, compression ${header.compression}`],
    ['size', megabytes(whole)],
    ['digest', digest(header.isKeyed, isVerified)],
    ...Object.entries(header.metadata).map(([name, value]) => [`metadata ${harmless(name)}`, value] as const),
  ];
  const rows = containers.map((one) => [
    one.cid,
    one.state,
    megabytes(sizeOf(one.cid)),
    (one.made?.spec.process?.args ?? []).join(' '),
  ]);
  const widest = Math.max(...facts.map(([name]) => name.length));
  const lines = facts.map(([name, value]) => `${`${name}:`.padEnd(widest + 2)}${harmless(value)}\n`);
  const files = entries.map((one) => [one.name, String(one.bytes), String(one.stored)]);
  return [
    ...lines,
    `\n${table(['CONTAINER', 'STATE', 'SIZE', 'PROGRAM'], rows)}`,
    `\n${table(['FILE', 'BYTES', 'STORED'], files)}`,
  ].join('');
}

function madeBy({ version, platform, runtime, architecture }: StatefileHeader): string {
  const maker = version === undefined ? '' : `runstate ${version}, `;
  const by = runtime === undefined ? '' : ` with ${runtime.name} ${runtime.version}`;
  return `${maker}platform ${platform}${by} on ${architecture}`;
}

function digest(isKeyed: boolean, isVerified: boolean): string {
  const kind = isKeyed ? 'HMAC-SHA-256' : 'SHA-256';
  return isVerified ? `${kind}, right` : `${kind}, not checked: give its key (--key-file)`;
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(2)} MB`;
