import { readFileSync } from 'node:fs';
import { RunstateError } from '../../../errors/index.ts';
import { isErrno, systemFailure } from '../system-error.ts';

/** The pid that the runtime wrote. @throws RunstateError SYSTEM when there is none */
export function readPid(file: string): number {
  const pid = findPid(file);
  if (pid !== undefined) return pid;
  throw new RunstateError('SYSTEM', { call: 'read', what: file, why: 'the runtime wrote no pid' });
}

/** As {@link readPid}; undefined when the runtime did not come so far. @throws RunstateError SYSTEM */
export function findPid(file: string): number | undefined {
  try {
    const pid = Number(readFileSync(file, 'latin1').trim());
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw systemFailure('read', file, error);
  }
}
