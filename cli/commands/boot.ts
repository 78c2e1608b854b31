import { closeSync } from 'node:fs';
import { nanoid } from 'nanoid';
import type { Call } from '../../actors/call.ts';
import { createContainer } from '../../actors/operations/create-container.ts';
import { destroySandbox } from '../../actors/operations/destroy-container.ts';
import { Files } from '../../actors/files.ts';
import { makeRoot, sandboxFiles } from '../../actors/run-directory/index.ts';
import { Supervisor, type HostedSandbox } from '../../actors/supervisor/index.ts';
import { Watchdog } from '../../actors/watchdog/index.ts';
import { tellReadiness } from '../../library/readiness.ts';
import { winstonLogger } from '../../log/winston-logger.ts';
import { checkId } from '../../oci/id.ts';
import { readBundle } from '../../oci/bundle.ts';
import { toExitCode } from '../../platforms/exit-status.ts';
import type { OverlayKind } from '../../platforms/platform.ts';
import { linuxPlatform } from '../../platforms/linux/index.ts';
import { serveSandboxes } from '../../transport/control/index.ts';
import { action, examples, type CommandModule } from '../command.ts';
import { initOption } from '../containers/init-option.ts';
import { overlayOption, wholeNumber } from '../containers/options.ts';
import type { Context } from '../context.ts';
import { hostOptions, platformOptions, recoveredHost } from '../supervisor/host-options.ts';
import { HeldLog } from '../supervisor/held-log.ts';
import { onFault } from '../supervisor/on-fault.ts';
import { sampleHeapSoon } from '../supervisor/sample-heap-soon.ts';
import { StopSignals } from '../supervisor/stop-signals.ts';
import { watchSoon } from '../supervisor/watch-soon.ts';

interface BootOptions {
  readonly bundle?: string;
  readonly readyFd?: number;
  readonly init?: 'runstate' | 'none';
  readonly overlay?: OverlayKind;
  readonly recover?: true;
}

export const boot: CommandModule = {
  define: (command) =>
    command
      .description(
        'Hosts one sandbox in this process: its supervisor, which create and run start in the background by\n' +
          'themselves. Serves its control socket until the sandbox is destroyed, and ends with the exit code of its\n' +
          'root container. SIGTERM destroys the sandbox.',
      )
      .argument('<id>', 'of the sandbox, and of its root container')
      .option(
        '-b, --bundle <dir>',
        'also create the root container, from this bundle, to be started by a client',
      )
      .addOption(overlayOption('of containers of which it is not said otherwise (default: none)'))
      .option(
        '--ready-fd <n>',
        'write a line of JSON to this descriptor when it is ready, or why not',
        wholeNumber,
      )
      .addOption(initOption())
      .option(
        '--recover',
        'take over a sandbox whose supervisor has died, with the containers that live on: whoever needs one of them\n' +
          'next does so by itself',
      )
      .addHelpText(
        'after',
        examples(
          ['A sandbox whose supervisor you can see', 'runstate --debug boot web'],
          ['For a client of the control protocol', 'runstate boot --bundle /srv/web web'],
        ),
      )
      .action(action(bootCommand)),
};

async function bootCommand(context: Context, id: string, options: BootOptions): Promise<number> {
  const held = new HeldLog();
  const log = held.logger;
  const place = logOptions(context, id, options);
  const openLog = (): void => {
    if (!held.isOpen) held.open(winstonLogger(place));
  };
  using signals = new StopSignals(log);
  const call: Call = { signal: signals.signal, correlation: nanoid(), log };
  let isReady = options.recover === true;
  let hosted: HostedSandbox | undefined;
  const watchdog = new Watchdog({
    ...{ log, place: { ...place, fields: { sandbox: id } } },
    systems: () => (hosted === undefined ? [] : [hosted.system]),
  });
  try {
    checkId(id);
    makeRoot(context.root);
    const said = hostOptions(context, options);
    const host = options.recover === true ? recoveredHost(context.root, id, said) : said;
    const serve = serveSandboxes(context.root, { levels: held, compat: host.compat, watchdog });
    const supervisor = new Supervisor({
      root: context.root,
      platform: linuxPlatform({ ...platformOptions(host), log }),
      log,
      host,
      // By now the sandbox has its run directory.
      serve: (system) => {
        openLog();
        return serve(system);
      },
    });
    onFault(log, async () => {
      if (!isReady) await supervisor.destroyAll({ ...call, signal: new AbortController().signal });
    });
    if (options.recover === true) {
      // It has its run directory already.
      openLog();
      hosted = await supervisor.recover(id, call);
    } else hosted = await supervisor.boot(id, call);
    if (hosted !== undefined && options.bundle !== undefined) await createRoot(hosted, options.bundle, call);
  } catch (error) {
    if (options.readyFd !== undefined) tell(options.readyFd, error);
    throw error;
  }
  if (hosted === undefined) {
    log.info('nothing of the sandbox was to go on', { sandbox: id });
    if (options.readyFd !== undefined) tell(options.readyFd);
    return 0;
  }
  isReady = true;
  log.info('ready', { sandbox: id, pid: process.pid });
  if (options.readyFd !== undefined && !tell(options.readyFd) && options.recover !== true) {
    // Nobody knows of it, and its id would stay taken.
    log.warn('whoever booted the sandbox has gone: it is destroyed', { sandbox: id });
    await destroyAtOnce(hosted, call);
    return 1;
  }
  sampleHeapSoon(log);
  const stopWatching = watchSoon(watchdog);
  try {
    destroyOnSignal(hosted, call);
    await hosted.gone;
  } finally {
    await stopWatching();
  }
  const { rootStatus } = hosted.system;
  log.info('the sandbox is gone', { sandbox: id, status: rootStatus });
  return rootStatus === undefined ? 0 : toExitCode(rootStatus);
}

/** False: whoever booted it has gone. */
function tell(fd: number, error?: unknown): boolean {
  try {
    return tellReadiness(fd, error);
  } finally {
    closeSync(fd);
  }
}

/** Of a log that nobody but us looks after, in bytes. */
const logLimit = 10 * 1024 * 1024;

/** In the background there is no standard error: the log lies in the run directory, and goes with the sandbox. */
function logOptions(context: Context, id: string, options: BootOptions): Parameters<typeof winstonLogger>[0] {
  const own =
    context.log === undefined && options.readyFd !== undefined
      ? { file: sandboxFiles(context.root, id).log, limit: logLimit }
      : {};
  return {
    level: context.debug ? 'debug' : 'info',
    format: context.logFormat,
    ...own,
    ...(context.log === undefined ? {} : { file: context.log }),
  };
}

async function createRoot({ system, gone }: HostedSandbox, directory: string, call: Call): Promise<void> {
  try {
    const { directory: bundle, spec } = await readBundle(directory);
    // Our own standard streams are the container's; they stay open as long as we live.
    const files = new Files([0, 1, 2], () => undefined);
    await createContainer(system, system.id, { request: { bundle, spec }, files }, call);
  } catch (error) {
    await destroyAtOnce({ system, gone }, call);
    throw error;
  }
}

async function destroyAtOnce(
  { system, gone }: Pick<HostedSandbox, 'system' | 'gone'>,
  call: Call,
): Promise<void> {
  await destroySandbox(system, { ...call, signal: new AbortController().signal });
  await gone;
}

function destroyOnSignal({ system }: HostedSandbox, call: Call): void {
  const destroy = (): void => {
    destroySandbox(system, { ...call, signal: new AbortController().signal }).catch((error: unknown) =>
      // It may be tried again: by runstate delete, or by a second signal, which ends this process.
      call.log.error('the sandbox was not destroyed', { sandbox: system.id, cause: error }),
    );
  };
  if (call.signal.aborted) destroy();
  else call.signal.addEventListener('abort', destroy);
}
