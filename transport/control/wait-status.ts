import { RunstateError } from '../../errors/index.ts';
import { toWaitStatus, type ExitStatus } from '../../platforms/exit-status.ts';

/** As wait(2) has it. @throws RunstateError STATUS_UNKNOWN: one is never invented */
export function waitStatus(status: ExitStatus, cid: string, pid: number): number {
  const encoded = toWaitStatus(status);
  if (encoded !== undefined) return encoded;
  const why = status.kind === 'unknown' ? status.why : 'it has no number';
  throw new RunstateError('STATUS_UNKNOWN', { cid, pid, why });
}
