import { accessSync, constants } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { delimiter, join } from 'node:path';
import { RunstateError } from '../../../errors/index.ts';

/** What the set-up made, in the same build as this file: a newer one than the distribution's, when that does not work. */
const own = fileURLToPath(new URL('../../../../build/criu/bin/criu', import.meta.url));

/** CRIU's program, as an absolute path: the one that the set-up found to work, else that of PATH. Undefined when there is none. */
export function findCriu(): string | undefined {
  const directories = (process.env['PATH'] ?? '').split(delimiter);
  return [own, ...directories.map((one) => join(one, 'criu'))].find(isProgram);
}

/** @throws RunstateError NOT_SUPPORTED */
export function requireCriu(): string {
  const found = findCriu();
  if (found !== undefined) return found;
  throw new RunstateError('NOT_SUPPORTED', {
    what: 'a checkpoint or restore',
    why: 'there is no CRIU; to get one that works: npm run setup',
  });
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Not there, or not ours to run: either way it is not the one.
    return false;
  }
}
