import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { RunstateError } from '../../../errors/index.ts';
import { files } from '../../../native/index.ts';
import type { ProcessSpec } from '../../../oci/types.ts';
import { isErrno, systemFailure } from '../system-error.ts';
import { loadFailure } from './load-failure.ts';

/** O_PATH, which Node has no name for. */
const asPlace = 0o10000000 | constants.O_DIRECTORY;

/**
 * Looks for a container's program where runc would, by Go's exec.LookPath, with the eyes of its waiting pid 1: the
 * runtime itself sees only runstate-init. So who creates a container is told at once that its program is missing, as
 * without an init. What cannot be judged from outside is left to the start.
 * @throws RunstateError COMMAND_NOT_FOUND, COMMAND_NOT_EXECUTABLE; SYSTEM when that process is gone
 */
export function checkProgram(hostPid: number, { args, cwd, env = [] }: ProcessSpec): void {
  const name = args?.[0] ?? '';
  const place = `/proc/${hostPid}/root`;
  let root: number;
  try {
    root = openSync(place, asPlace);
  } catch (error) {
    throw systemFailure('open', place, error);
  }
  try {
    if (!name.includes('/')) search(root, name, pathOf(env));
    else judge(name, look(root, isAbsolute(name) ? name : join(cwd, name)));
  } finally {
    closeSync(root);
  }
}

/** Of two entries the runtime keeps the last. */
const pathOf = (env: readonly string[]): readonly string[] =>
  (env.findLast((one) => one.startsWith('PATH=')) ?? '').slice('PATH='.length).split(':');

function search(root: number, name: string, path: readonly string[]): void {
  const found = path.filter((one) => isAbsolute(one)).map((one) => look(root, join(one, name)));
  if (name === '' || !found.some((one) => one === 'good' || one === 'unsure'))
    throw loadFailure(name, 'search', 'ENOENT');
}

function judge(name: string, found: Found): void {
  if (found !== 'good' && found !== 'unsure') throw loadFailure(name, 'exec', found);
}

type Found = 'good' | 'unsure' | 'ENOENT' | 'EACCES';

function look(root: number, path: string): Found {
  let fd: number;
  try {
    fd = files.openIn(root, path);
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return path.startsWith('/proc/') ? 'unsure' : 'ENOENT';
    if (error instanceof RunstateError || !(error instanceof Error)) throw error;
    return 'unsure';
  }
  try {
    const found = fstatSync(fd);
    return found.isDirectory() || (found.mode & 0o111) === 0 ? 'EACCES' : 'good';
  } finally {
    files.close(fd);
  }
}
