import type { ControlClient } from '../transport/client/index.ts';
import { ProgressPipe, type OnProgress } from './progress-pipe.ts';
import { StatefileOutput } from './statefile-output.ts';

export interface CheckpointOptions {
  /** The sandbox goes on when it is saved; without, its processes are gone then. */
  readonly leaveRunning?: boolean;
  /** `none` unless set: it is the fastest. */
  readonly compression?: 'none' | 'gzip';
  /** For a keyed hash, so that only who has the key can make or change a file that is restored. */
  readonly key?: Uint8Array;
  /** Kept in the file, readable without the key. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** What is done with exec'd processes that cannot be saved: `refuse` unless set. */
  readonly exec?: 'refuse' | 'kill';
  readonly onProgress?: OnProgress;
  /** Aborting it ends the checkpoint; the sandbox goes on as it was. */
  readonly signal?: AbortSignal;
}

/**
 * Saves a sandbox to a file, which is there only when it is complete.
 * @param path a file, or a directory for `checkpoint.img` in it; a pipe or device is written to
 * @throws RunstateError of containerManager.Checkpoint; SYSTEM
 */
export async function checkpointTo(
  client: ControlClient,
  path: string,
  options: CheckpointOptions = {},
): Promise<void> {
  using output = new StatefileOutput(path);
  await checkpointInto(client, output.fd, options);
  output.keep();
}

/** As {@link checkpointTo}, into an open file, which stays the caller's. */
export async function checkpointInto(
  client: ControlClient,
  fd: number,
  options: CheckpointOptions = {},
): Promise<void> {
  const { signal, onProgress } = options;
  using progress = onProgress === undefined ? undefined : new ProgressPipe(onProgress);
  await client.call(
    'containerManager.Checkpoint',
    {
      key: options.key,
      metadata: options.metadata ?? {},
      LeaveRunning: options.leaveRunning === true,
      Compression: options.compression ?? '',
      Exec: options.exec ?? '',
    },
    {
      files: progress === undefined ? [fd] : [fd, progress.fd],
      ...(signal === undefined ? {} : { signal }),
    },
  );
}
