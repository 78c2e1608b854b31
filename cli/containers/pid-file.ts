import { lstatSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { RunstateError, messageOf } from '../../errors/index.ts';

/**
 * Writes a process's id to a file, at one instant: who sees the file sees the number. What is no file, such as
 * /dev/null, stays what it is. @throws RunstateError USAGE, with why it cannot be written
 */
export function writePidFile(file: string, pid: number): void {
  try {
    const there = lstatSync(file, { throwIfNoEntry: false });
    if (there === undefined || there.isFile() || there.isSymbolicLink()) replace(file, pid);
    else writeFileSync(file, String(pid));
  } catch (error) {
    throw new RunstateError('USAGE', { why: `--pid-file ${file}: ${messageOf(error)}` }, { cause: error });
  }
}

function replace(file: string, pid: number): void {
  const draft = join(dirname(file), `.${basename(file)}.${process.pid}`);
  try {
    writeFileSync(draft, String(pid), { flag: 'w', mode: 0o666 });
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}
