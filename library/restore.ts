import { closeSync, openSync } from 'node:fs';
import { RunstateError, messageOf } from '../errors/index.ts';
import type { ContainerSpec } from '../oci/types.ts';
import { connectSandbox } from './find-sandbox.ts';
import { bootSandbox, type BootOptions } from './boot-sandbox.ts';
import type { ControlClient } from '../transport/client/index.ts';
import { ProgressPipe, type OnProgress } from './progress-pipe.ts';
import { statefilePath } from './statefile-output.ts';
import { undo } from './undo.ts';

export interface RestoreOptions {
  /** What the file was saved with. */
  readonly key?: Uint8Array;
  /** The sandbox stands still until it is resumed. */
  readonly hold?: boolean;
  /** New ids of sub-containers by those that they were saved with; any other keeps its own. */
  readonly names?: Readonly<Record<string, string>>;
  readonly onProgress?: OnProgress;
  /** Aborting it ends the restore; nothing is left then. */
  readonly signal?: AbortSignal;
}

export interface RestoreWhat extends RestoreOptions {
  /** An open statefile; stays the caller's. */
  readonly fd: number;
  /** For the root container, in place of what it was saved with. */
  readonly bundle?: { readonly directory: string; readonly spec: ContainerSpec };
  /** Standard streams of the root container, where it had pipes; /dev/null without. */
  readonly files: readonly number[];
  /** A listening Unix socket that gets the root's terminal. */
  readonly consoleSocket?: string;
}

/** Opens a statefile to be restored: a file, or `checkpoint.img` in a directory. The caller closes it. @throws RunstateError SYSTEM */
export function openStatefile(path: string): number {
  const file = statefilePath(path);
  try {
    return openSync(file, 'r');
  } catch (cause) {
    throw new RunstateError('SYSTEM', { call: 'open', what: file, why: messageOf(cause) }, { cause });
  }
}

/**
 * Boots a sandbox of that id and makes it from a statefile. When something of it fails, nothing is left. Gives a client
 * of it, the caller's to close. @throws RunstateError of the boot, of runstate.Restore
 */
export async function restoreInto(place: BootOptions, what: RestoreWhat): Promise<ControlClient> {
  const { signal } = what;
  await bootSandbox(place, signal);
  const client = await connectSandbox(place.root, place.id);
  try {
    await restore(client, what);
    return client;
  } catch (error) {
    try {
      // One that failed in the middle has destroyed its sandbox by itself, or is about to.
      await undo(client, place.id, error);
    } finally {
      client.close();
    }
    throw error;
  }
}

async function restore(client: ControlClient, what: RestoreWhat): Promise<void> {
  const { fd, key, hold, names, bundle, files, consoleSocket, onProgress, signal } = what;
  using progress = onProgress === undefined ? undefined : new ProgressPipe(onProgress);
  using nothing = new Nothing();
  const streams = [0, 1, 2].map((index) => files[index] ?? nothing.fd);
  await client.call(
    'runstate.Restore',
    {
      Key: key,
      Hold: hold === true,
      Names: names ?? {},
      Root: bundle === undefined ? null : { Bundle: bundle.directory, Spec: bundle.spec },
      ConsoleSocket: consoleSocket ?? '',
      Progress: progress !== undefined,
    },
    {
      files: [fd, ...(progress === undefined ? [] : [progress.fd]), ...streams],
      ...(signal === undefined ? {} : { signal }),
    },
  );
}

class Nothing implements Disposable {
  readonly fd = openSync('/dev/null', 'r+');
  [Symbol.dispose](): void {
    closeSync(this.fd);
  }
}
