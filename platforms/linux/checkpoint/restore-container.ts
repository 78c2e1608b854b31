import { createReadStream, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { LoadContainer, LoadedContainer } from '../../checkpoint.ts';
import type { SandboxCgroups } from '../cgroups/index.ts';
import { consoleArguments } from '../container/console-arguments.ts';
import { initPidFile, writeBundle, type CreateParts } from '../container/create.ts';
import type { LinuxContainer } from '../container/linux-container.ts';
import { criuFailure, forgetClocks, removeYard, type CriuCommand } from '../criu/index.ts';
import { Program, withInit } from '../init/index.ts';
import { chooseOverlay, loadUpper, makeLayer } from '../overlay/index.ts';
import { unmountBelow } from '../namespaces/mounts.ts';
import { containerPid } from '../proc/index.ts';
import { isErrno } from '../system-error.ts';
import { processes, terminal } from '../../../native/index.ts';
import { RunstateError } from '../../../errors/index.ts';
import type { ProcessFiles } from '../../platform.ts';
import { bootId } from './clocks.ts';
import { writeSettings } from './criu-settings.ts';
import { imagesOf, layerArchiveOf, type SavedInit } from './saved.ts';

const SIGCONT = 18;

/**
 * Makes one container's processes again, which stand still by SIGSTOP then; init's pid is in {@link initPidFile}.
 * What a failure leaves is `destroy`'s to remove. @throws RunstateError RESTORE_FAILED, SYSTEM, MISSING_ARGUMENT, CANCELLED
 */
export async function restoreByRuntime(
  container: LinuxContainer,
  wanted: LoadContainer,
  parts: CreateParts & {
    readonly criu: CriuCommand;
    readonly directory: string;
    readonly saved: SavedInit;
    readonly boot: string | undefined;
  },
  signal: AbortSignal,
): Promise<void> {
  const { cid, savedCid, spec, files = [], consoleSocket } = wanted;
  const { runtime, criu } = parts;
  const { helper } = parts.saved;
  container.helper = helper;
  container.command = spec.process?.args?.[0] ?? '';
  await loadLayer(container, wanted, parts, signal);
  // It talks to nobody any more: any number will do.
  writeBundle(container, wanted, parts, (effective) =>
    helper === undefined ? effective : withInit(effective, helper, undefined),
  );
  const { streams = [] } = parts.saved;
  refuseWrongStreams(streams, files);
  writeSettings(container.directory, 'restore', streams);
  if (parts.boot === bootId()) forgetClocks(imagesOf(parts.directory, savedCid));
  const work = join(container.directory, 'criu');
  mkdirSync(work, { mode: 0o700 });
  try {
    await runtime.run(
      'restore',
      [
        '--detach',
        '--tcp-established',
        '--file-locks',
        ...['--image-path', imagesOf(parts.directory, savedCid), '--work-path', work],
        ...['--bundle', container.directory, '--pid-file', initPidFile(container)],
        ...consoleArguments(spec.process?.terminal, consoleSocket),
      ],
      cid,
      signal,
      { files, criu },
    );
  } catch (error) {
    const log = join(work, 'restore.log');
    removeYard(log);
    throw criuFailure({ what: 'restore', log }, error);
  } finally {
    // One that was killed leaves the machine's cgroups mounted there: they are not ours to remove.
    unmountBelow(work);
    // Not the container's: what destroys it knows nothing of it.
    rmSync(work, { recursive: true, force: true });
  }
}

/** CRIU would set up what it is given as the terminal that there was. @throws RunstateError RESTORE_FAILED */
function refuseWrongStreams(streams: readonly (string | null)[], files: ProcessFiles): void {
  for (const [fd, name] of streams.entries()) {
    const given = files[fd];
    if (name?.startsWith('tty') !== true || (given !== undefined && terminal.isTerminal(given))) continue;
    throw new RunstateError('RESTORE_FAILED', {
      phase: 'terminals',
      cause: `its standard ${['input', 'output', 'error'][fd] ?? ''} was a terminal, and it is given none: restore it at a terminal`,
      lines: '',
    });
  }
}

/** Before anything is opened in it: what the container had written above its root. */
async function loadLayer(
  { directory }: LinuxContainer,
  wanted: LoadContainer,
  parts: Pick<CreateParts, 'overlay'> & { readonly directory: string },
  signal: AbortSignal,
): Promise<void> {
  const archive = layerArchiveOf(parts.directory, wanted.savedCid);
  if (!existsSync(archive)) return;
  const { upper } = makeLayer(directory, chooseOverlay(wanted, parts.overlay));
  const source = createReadStream(archive);
  try {
    await loadUpper(source, upper, signal);
  } finally {
    source.destroy();
  }
}

/**
 * Finds the processes that are known by their pids: has the ends of those told that were exec'd, and knows again which
 * one is the program. Gives the former. @throws SystemError
 */
export async function findProcesses(
  container: LinuxContainer,
  { processes: wanted }: LoadContainer,
  { program }: SavedInit,
  cgroups: SandboxCgroups,
): Promise<LoadedContainer['processes']> {
  if (wanted.length === 0 && program === undefined) return [];
  const found: number[] = [];
  for (const hostPid of await cgroups.pids(container.cid)) {
    const pid = await containerPid(hostPid);
    if (pid === undefined) continue;
    if (pid === program) container.program = new Program(pid, hostPid, processes.openPidfd(hostPid));
    if (!wanted.includes(pid)) continue;
    container.watchExec({ pid, hostPid });
    found.push(pid);
  }
  container.keep();
  return found;
}

/** Frozen by their cgroups, the processes need not be stopped any more. @throws SystemError */
export async function continueStopped(cids: readonly string[], cgroups: SandboxCgroups): Promise<void> {
  for (const cid of cids)
    for (const pid of await cgroups.pids(cid)) {
      try {
        processes.kill(pid, SIGCONT);
      } catch (error) {
        // Frozen, it cannot have ended by itself; somebody may have killed it.
        if (!isErrno(error, 'ESRCH')) throw error;
      }
    }
}
