import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { LoadContainer, LoadedContainer } from '../../checkpoint.ts';
import type { SandboxCgroups } from '../cgroups/index.ts';
import { consoleArguments } from '../container/console-arguments.ts';
import { initPidFile, writeBundle, type CreateParts } from '../container/create.ts';
import type { LinuxContainer } from '../container/linux-container.ts';
import { criuFailure, type CriuCommand } from '../criu/index.ts';
import { containerPid } from '../proc/index.ts';
import { isErrno } from '../system-error.ts';
import { processes } from '../../../native/index.ts';
import { writeSettings } from './criu-settings.ts';
import { imagesOf } from './saved.ts';

const SIGCONT = 18;

/**
 * Makes one container's processes again, which stand still by SIGSTOP then; init's pid is in {@link initPidFile}.
 * What a failure leaves is `destroy`'s to remove. @throws RunstateError RESTORE_FAILED, SYSTEM, MISSING_ARGUMENT, CANCELLED
 */
export async function restoreByRuntime(
  container: LinuxContainer,
  wanted: LoadContainer,
  parts: CreateParts & { readonly criu: CriuCommand; readonly directory: string },
  signal: AbortSignal,
): Promise<void> {
  const { cid, savedCid, spec, files = [], consoleSocket } = wanted;
  const { runtime, criu } = parts;
  writeBundle(container.directory, wanted, parts);
  writeSettings(container.directory, 'restore');
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
    throw criuFailure({ what: 'restore', log: join(work, 'restore.log') }, error);
  } finally {
    // Not the container's: what destroys it knows nothing of it.
    rmSync(work, { recursive: true, force: true });
  }
}

/** Has the ends of exec'd processes told that were saved with their container. @throws SystemError */
export async function watchExecs(
  container: LinuxContainer,
  wanted: LoadContainer,
  cgroups: SandboxCgroups,
): Promise<LoadedContainer['processes']> {
  if (wanted.processes.length === 0) return [];
  const found: number[] = [];
  for (const hostPid of await cgroups.pids(container.cid)) {
    const pid = await containerPid(hostPid);
    if (pid === undefined || !wanted.processes.includes(pid)) continue;
    container.watchExec(pid, hostPid);
    found.push(pid);
  }
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
