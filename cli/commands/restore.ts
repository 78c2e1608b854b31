import { closeSync } from 'node:fs';
import { resolve } from 'node:path';
import { openStatefile, restoreInto, type RestoreWhat } from '../../library/restore.ts';
import { readBundle } from '../../oci/index.ts';
import { checkId } from '../../oci/id.ts';
import type { ContainerSpec } from '../../oci/types.ts';
import { readStatefileHeader } from '../../statefile/index.ts';
import { parseManifest } from '../../actors/checkpoint/manifest.ts';
import type { ControlClient } from '../../transport/client/index.ts';
import { action, examples, type CommandModule } from '../command.ts';
import { clearAway } from '../containers/create.ts';
import { destroyIfThere } from '../containers/destroy-if-there.ts';
import { stayWith } from '../containers/foreground.ts';
import { checkConsole } from '../containers/launch.ts';
import { writePidFile } from '../containers/pid-file.ts';
import { addRuncFlags, metadataEntry, readKey } from '../containers/statefile-options.ts';
import type { Context } from '../context.ts';
import { ProgressBar } from '../output/progress-bar.ts';
import { Interrupts } from '../signals/interrupts.ts';
import { TerminalRelay } from '../terminal/relay.ts';
import { withConsole } from '../terminal/with-console.ts';

interface RestoreOptions {
  readonly imagePath: string;
  readonly bundle?: string;
  readonly detach?: boolean;
  readonly hold?: boolean;
  readonly keyFile?: string;
  readonly rename?: Readonly<Record<string, string>>;
  readonly pidFile?: string;
  readonly consoleSocket?: string;
}

export const restore: CommandModule = {
  define: (command) =>
    addRuncFlags(command)
      .description(
        'Makes a sandbox from the file that a checkpoint wrote, under this id: all its containers go on where they\n' +
          'were. In the foreground it waits for the end of the first container, as run does. A file that is\n' +
          'damaged, cut off or of another kind is refused before anything is touched.',
      )
      .argument('<id>', 'of the sandbox, and of its first container')
      .option('--image-path <file>', 'the file, or a directory with checkpoint.img in it', '.')
      .option('-b, --bundle <dir>', 'for the first container, in place of what it was saved with')
      .option('-d, --detach', 'leave it running in the background')
      .option('--hold', "let it stand still until 'runstate resume' (with --detach)")
      .option('--key-file <file>', 'the secret that it was saved with')
      .option(
        '--rename <old=new>',
        'a new id for another container of it (may be given again)',
        metadataEntry,
      )
      .option('--pid-file <file>', "write the first container's process id to this file")
      .option('--console-socket <socket>', "send the terminal's master end to this Unix socket")
      .addHelpText(
        'after',
        examples(
          ['In the background', 'runstate restore -d --image-path web.img web'],
          ['As runc does', 'runstate restore --image-path /var/ckpt --bundle /srv/web web'],
        ),
      )
      .action(action(restoreCommand)),
};

async function restoreCommand(context: Context, id: string, options: RestoreOptions): Promise<number> {
  checkId(id);
  const key = readKey(options.keyFile);
  const fd = openStatefile(options.imagePath);
  try {
    using interrupts = new Interrupts();
    const bundle = options.bundle === undefined ? undefined : await readBundle(options.bundle);
    const spec = bundle?.spec ?? (await savedSpec(fd));
    const terminal = spec?.process?.terminal === true;
    const detached = options.detach === true;
    const { consoleSocket } = options;
    checkConsole({ terminal, detached, consoleSocket });
    const what = {
      fd,
      files: [0, 1, 2],
      hold: options.hold === true,
      names: options.rename ?? {},
      signal: interrupts.signal,
      ...(key === undefined ? {} : { key }),
      ...(bundle === undefined ? {} : { bundle: { directory: bundle.directory, spec: bundle.spec } }),
    };
    if (!terminal || detached) {
      const socket = consoleSocket === undefined ? {} : { consoleSocket: resolve(consoleSocket) };
      const client = await restoreWithBar(context, id, { ...what, ...socket });
      return await follow(client, id, options, interrupts, undefined);
    }
    const { result, master } = await withConsole(
      interrupts.signal,
      (socket) => restoreWithBar(context, id, { ...what, consoleSocket: socket }),
      (client, error) => clearAway(id, error, () => client.call('containerManager.Destroy', id)),
    );
    using relay = new TerminalRelay(master);
    return await follow(result, id, options, interrupts, relay);
  } finally {
    closeSync(fd);
  }
}

async function restoreWithBar(context: Context, id: string, what: RestoreWhat): Promise<ControlClient> {
  using bar = new ProgressBar();
  const { onProgress } = bar;
  try {
    return await restoreInto(
      { ...context, id },
      { ...what, ...(onProgress === undefined ? {} : { onProgress }) },
    );
  } catch (error) {
    // By a signal, whose exit code is ours.
    what.signal?.throwIfAborted();
    throw error;
  }
}

async function follow(
  client: ControlClient,
  id: string,
  options: RestoreOptions,
  interrupts: Interrupts,
  relay: TerminalRelay | undefined,
): Promise<number> {
  try {
    // One that came just before: nobody else has heard of it.
    if (interrupts.signal.aborted)
      await clearAway(id, interrupts.signal.reason, () => destroyIfThere(client, id));
    interrupts.signal.throwIfAborted();
    interrupts.hold();
    if (options.pidFile !== undefined) {
      const { pid } = await client.call('runstate.State', { CID: id });
      writePidFile(options.pidFile, pid);
    }
    if (options.detach === true) return 0;
    const code = await stayWith({ client, cid: id, interrupts, relay });
    await destroyIfThere(client, id);
    return code;
  } finally {
    client.close();
  }
}

/** Of the root, as the file tells it: whether there is a terminal must be known before. Undefined for what cannot be read twice. */
async function savedSpec(fd: number): Promise<ContainerSpec | undefined> {
  const header = await readStatefileHeader(fd);
  return header === undefined ? undefined : parseManifest(header.manifest).containers[0]?.made?.spec;
}
