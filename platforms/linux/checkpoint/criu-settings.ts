import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemFailure } from '../system-error.ts';

/** By this annotation runc finds a container's settings for CRIU, which win over its own (runc-checkpoint(8)). */
export const settingsAnnotation = 'org.criu.config';

/** Where a container's settings for CRIU lie. */
export const settingsFile = (directory: string): string => join(directory, 'criu.conf');

/** For a dump. */
const dump = [
  // The sandbox's own lock is held: see packet-lock.ts.
  'network-lock skip',
  // A connection that is only being made is made again by its peer.
  'skip-in-flight',
  // Open files without a name are saved whole, up to this size.
  'ghost-limit 1G',
  // An open file whose name now is another's gets one for the time being.
  'link-remap',
];

/** For a restore: the processes stand still until all containers are there. */
const restore = ['network-lock skip', 'leave-stopped'];

/**
 * Writes them for what is to come.
 * @param streams the names of standard streams that lie outside, by their numbers: a dump leaves them out, and a
 *   restore finds what it gives the container instead at the numbers
 * @throws RunstateError SYSTEM
 */
export function writeSettings(
  directory: string,
  purpose: 'dump' | 'restore',
  streams: readonly (string | null | undefined)[],
): void {
  const file = settingsFile(directory);
  // Two of them may be one file.
  const named = streams.flatMap((name, fd) =>
    name === undefined || name === null || streams.indexOf(name) !== fd ? [] : [{ name, fd }],
  );
  const lines =
    purpose === 'dump'
      ? [...dump, ...named.map(({ name }) => `external ${name}`)]
      : [...restore, ...named.map(({ name, fd }) => `inherit-fd fd[${fd}]:${name}`)];
  try {
    writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 });
  } catch (error) {
    throw systemFailure('write', file, error);
  }
}
