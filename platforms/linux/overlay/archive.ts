import { RunstateError } from '../../../errors/index.ts';
import { feed } from './feed.ts';
import { spawnTar, type Tar } from './tar.ts';

/**
 * All that overlayfs knows is in there: whiteouts are character devices 0/0, and `trusted.overlay.*` says which
 * directories hide those below, and where renamed ones come from. Not which overlay it was: a copy is another.
 */
const everything = [
  '--numeric-owner',
  '--acls',
  '--xattrs',
  '--xattrs-include=*',
  '--xattrs-exclude=trusted.overlay.uuid',
];

/** pax keeps times to the nanosecond, numbers and names of any length, and holes. */
const format = ['--format=posix', '--pax-option=delete=atime,delete=ctime', '--sparse', '--sort=name'];

/**
 * An upper directory as a tar stream, with all that overlayfs keeps there: owners by number, modes, times, extended
 * attributes, access lists, devices, hard links, holes. Nobody may write to it meanwhile. Sockets are not in it: who
 * listened at one binds it anew when it is restored, and one without a listener is of no use. Little is held at a time,
 * and no process is left when the reader stops early, or `signal` is aborted.
 * @throws RunstateError FILES_FAILED with tar's telling lines, NOT_SUPPORTED without a tar; the reason of `signal`
 */
export async function* saveUpper(
  upper: string,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  signal.throwIfAborted();
  const tar = spawnTar([...['--create', '--file=-', `--directory=${upper}`], ...everything, ...format, '.']);
  tar.stdin.end();
  signal.addEventListener('abort', tar.kill);
  try {
    for await (const chunk of tar.stdout as AsyncIterable<Uint8Array>) yield chunk;
    await settled(tar, 'save', upper, signal);
  } finally {
    signal.removeEventListener('abort', tar.kill);
    tar.kill();
    await tar.ended;
  }
}

/**
 * Fills an upper directory, which is there and empty and not mounted, from such a stream. As {@link saveUpper}; what
 * a failure leaves in the directory is the caller's to remove. @throws as saveUpper; what `source` throws
 */
export async function loadUpper(
  source: AsyncIterable<Uint8Array>,
  upper: string,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const tar = spawnTar([
    ...['--extract', '--file=-', `--directory=${upper}`],
    ...everything,
    ...['--same-owner', '--same-permissions'],
  ]);
  tar.stdout.resume();
  signal.addEventListener('abort', tar.kill);
  try {
    const isAllTaken = await feed(source, tar);
    await settled(tar, 'load', upper, signal);
    if (!isAllTaken)
      throw new RunstateError('FILES_FAILED', {
        verb: 'load',
        directory: upper,
        why: 'the archive ends before what there is of it',
      });
  } finally {
    signal.removeEventListener('abort', tar.kill);
    tar.kill();
    await tar.ended;
  }
}

async function settled(
  tar: Tar,
  verb: 'save' | 'load',
  directory: string,
  signal: AbortSignal,
): Promise<void> {
  const why = await tar.ended;
  signal.throwIfAborted();
  const failure = tar.notStarted();
  if (failure !== undefined) throw failure;
  if (why !== '') throw new RunstateError('FILES_FAILED', { verb, directory, why });
}
