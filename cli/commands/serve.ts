import { nanoid } from 'nanoid';
import type { Call } from '../../actors/call.ts';
import { listSandboxes, makeRoot, readSupervisorFile } from '../../actors/run-directory/index.ts';
import { Supervisor } from '../../actors/supervisor/index.ts';
import { Watchdog } from '../../actors/watchdog/index.ts';
import { winstonLogger } from '../../log/winston-logger.ts';
import type { OverlayKind } from '../../platforms/platform.ts';
import { linuxPlatform } from '../../platforms/linux/index.ts';
import { serveSandboxes, serveSupervisor } from '../../transport/control/index.ts';
import { showAddress, supervisorSocket } from '../../transport/address.ts';
import { action, examples, type CommandModule } from '../command.ts';
import { initOption } from '../containers/init-option.ts';
import { overlayOption } from '../containers/options.ts';
import type { Context } from '../context.ts';
import { hostOptions, platformOptions } from '../supervisor/host-options.ts';
import { onFault } from '../supervisor/on-fault.ts';
import { sampleHeapSoon } from '../supervisor/sample-heap-soon.ts';
import { StopSignals } from '../supervisor/stop-signals.ts';
import { watchSoon } from '../supervisor/watch-soon.ts';

interface ServeOptions {
  readonly init?: 'runstate' | 'none';
  readonly overlay?: OverlayKind;
}

export const serve: CommandModule = {
  define: (command) =>
    command
      .description(
        'Hosts many sandboxes in this process: whatever boots a sandbox of this --root meanwhile (create, run, the\n' +
          'library) gets it here, instead of a process of its own. Sandboxes whose supervisor has died are taken over,\n' +
          'with the containers that live on. SIGTERM destroys them all and ends it.',
      )
      .addOption(initOption())
      .addOption(overlayOption('of containers of which it is not said otherwise (default: none)'))
      .addHelpText(
        'after',
        examples(
          ['A supervisor for many short-lived sandboxes', 'runstate --root /run/fleet serve &'],
          ['They are used as any other', 'runstate --root /run/fleet run --rootfs /srv/busybox c1 -- true'],
        ),
      )
      .action(action(serveCommand)),
};

async function serveCommand(context: Context, options: ServeOptions): Promise<number> {
  const { root } = context;
  const place = {
    level: context.debug ? 'debug' : 'info',
    format: context.logFormat,
    ...(context.log === undefined ? {} : { file: context.log }),
  } as const;
  const log = winstonLogger(place);
  using signals = new StopSignals(log);
  const call: Call = { signal: new AbortController().signal, correlation: nanoid(), log };
  makeRoot(root);
  const host = hostOptions(context, options);
  const watchdog: Watchdog = new Watchdog({
    ...{ log, place: { ...place, fields: {} } },
    systems: () => supervisor.sandboxes.map(({ system }) => system),
  });
  const supervisor = new Supervisor({
    root,
    platform: linuxPlatform({ ...platformOptions(host), log }),
    log,
    host,
    serve: serveSandboxes(root, { levels: log, compat: context.compat, watchdog }),
  });
  onFault(log, () => Promise.resolve());
  let shutDown: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => (shutDown = resolve));
  const server = await serveSupervisor(supervisor, log, shutDown);
  await recoverAll(supervisor, call);
  log.info('ready', { pid: process.pid, socket: showAddress(supervisorSocket(root)) });
  sampleHeapSoon(log);
  const stopWatching = watchSoon(watchdog);
  try {
    signals.signal.addEventListener('abort', shutDown);
    await asked;
    // Nothing new is booted from here on; a shutdown that a client asked for has destroyed them already.
    await server.stop({ timeout: lastReplies });
    await supervisor.destroyAll(call);
  } finally {
    await stopWatching();
  }
  log.info('ended', { pid: process.pid });
  return 0;
}

/** Those whose supervisor has died. One that cannot be taken over hides none of the others. */
async function recoverAll(supervisor: Supervisor, call: Call): Promise<void> {
  const { root } = supervisor;
  const orphaned = listSandboxes(root).filter((id) => readSupervisorFile(root, id)?.isAlive === false);
  await Promise.all(
    orphaned.map(async (id) => {
      try {
        await supervisor.recover(id, call);
      } catch (error) {
        call.log.error('a sandbox was not taken over', { sandbox: id, cause: error });
      }
    }),
  );
}

/** Ms. */
const lastReplies = 2000;
