import { readFileSync, statSync } from 'node:fs';
import { Option } from 'commander';
import { listSandboxes, sandboxOfContainer } from '../../actors/run-directory/index.ts';
import { RunstateError, messageOf } from '../../errors/index.ts';
import { fileSource, liveSource, InspectorServer, type Source } from '../../inspector/server/index.ts';
import { readExport } from '../../observation/export-file.ts';
import { action, examples, type CommandModule } from '../command.ts';
import { wholeNumber } from '../containers/options.ts';
import type { Context } from '../context.ts';
import { print } from '../output/print.ts';
import { Interrupts } from '../signals/interrupts.ts';

interface InspectOptions {
  readonly allowControl?: boolean;
  readonly port: number;
  readonly inspectorProtocol?: 'stately';
}

export const inspect: CommandModule = {
  define: (command) =>
    command
      .description(
        'Serves a page on which sandboxes are seen live, until ^C: their statecharts, with the state that each is in and\n' +
          'what it would take now; what the platform shows beside it; each call with what came of it; and how all of it\n' +
          'was before. The page is for this machine alone, and who has its address can see what it shows.',
      )
      .argument(
        '[id|file]',
        'a container, whose sandbox is shown first; or a file that was exported from the page',
      )
      .option(
        '--allow-control',
        'the page may also ask for changes: pause, resume, signal, destroy, log level',
      )
      .addOption(
        new Option(
          '--inspector-protocol <name>',
          "print, instead of the page's address, that of a WebSocket which tells the sandbox in another inspector's messages",
        ).choices(['stately']),
      )
      .option('--port <number>', 'of the loopback address; 0 is one that is free', wholeNumber, 0)
      .addHelpText(
        'after',
        examples(
          ['See all sandboxes', 'runstate inspect'],
          ['Look at what somebody else exported', 'runstate inspect web.inspection'],
        ),
      )
      .action(action(inspectCommand)),
};

async function inspectCommand(
  context: Context,
  what: string | undefined,
  { allowControl = false, port, inspectorProtocol }: InspectOptions,
): Promise<void> {
  const { source, first } = sourceOf(context, what);
  await using owned = source;
  using interrupts = new Interrupts();
  const withStately = inspectorProtocol === 'stately';
  if (withStately && first === undefined)
    throw new RunstateError('USAGE', {
      why: 'say which sandbox: runstate inspect --inspector-protocol stately ID',
    });
  const options = { source: owned, allowControl, first, port, withStately };
  await using server = await InspectorServer.listen(options).catch((cause: unknown) => {
    throw new RunstateError(
      'SYSTEM',
      { call: 'listen', what: `port ${port}`, why: messageOf(cause) },
      { cause },
    );
  });
  print(`${withStately ? server.statelyUrl(first ?? '') : server.url}\n`);
  if (process.stderr.isTTY && !withStately)
    process.stderr.write('Open it in a browser on this machine. ^C ends it.\n');
  await interrupted(interrupts.signal);
}

function sourceOf(
  { root }: Context,
  what: string | undefined,
): { readonly source: Source; readonly first: string | undefined } {
  if (what === undefined) return { source: liveSource(root), first: undefined };
  const isId = !what.includes('/');
  const sandbox = isId
    ? (sandboxOfContainer(root, what) ?? listSandboxes(root).find((id) => id === what))
    : undefined;
  if (sandbox !== undefined) return { source: liveSource(root), first: sandbox };
  if (statSync(what, { throwIfNoEntry: false })?.isFile() !== true)
    throw new RunstateError('CONTAINER_NOT_FOUND', { id: what, where: `${root}, and no file has that name` });
  try {
    const file = readExport(readFileSync(what, 'utf8'));
    return { source: fileSource(file), first: file.header.sandbox };
  } catch (cause) {
    throw new RunstateError('INSPECTION_FILE', { file: what, why: messageOf(cause) }, { cause });
  }
}

/** Resolves at ^C. */
const interrupted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
