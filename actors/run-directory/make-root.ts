import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { RunstateError, messageOf } from '../../errors/index.ts';
import { isErrno } from './is-errno.ts';

const writableByOthers = 0o022;

/**
 * Makes the run directory, with those above it, and checks that nobody else can put files there: what stands in it is
 * believed, and runs as root.
 * @param root absolute
 * @throws RunstateError ROOT
 */
export function makeRoot(root: string): void {
  try {
    makeDirectory(root);
  } catch (error) {
    throw new RunstateError('ROOT', { root, why: messageOf(error) }, { cause: error });
  }
  const { uid, mode } = statSync(root);
  const own = process.geteuid?.() ?? 0;
  if (uid !== 0 && uid !== own) throw unsafe(root, `it belongs to user ${uid}`);
  if ((mode & writableByOthers) !== 0) throw unsafe(root, 'other users may write to it: chmod go-w');
}

/** Not `recursive`: where a directory is not to be had, as in /proc, Node 20 would try for ever. */
function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (isErrno(error, 'EEXIST') && statSync(path).isDirectory()) return;
    const above = dirname(path);
    if (!isErrno(error, 'ENOENT') || above === path) throw error;
    makeDirectory(above);
    mkdirSync(path, { mode: 0o700 });
  }
}

const unsafe = (root: string, why: string): RunstateError<'ROOT'> => new RunstateError('ROOT', { root, why });
