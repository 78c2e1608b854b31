import { readFileSync } from 'node:fs';
import { RunstateError } from '../../../errors/index.ts';
import { systemFailure } from '../system-error.ts';

/** The pid that the runtime wrote. @throws RunstateError SYSTEM when there is none */
export function readPid(file: string): number {
  let text: string;
  try {
    text = readFileSync(file, 'latin1').trim();
  } catch (error) {
    throw systemFailure('read', file, error);
  }
  const pid = Number(text);
  if (Number.isInteger(pid) && pid > 0) return pid;
  throw new RunstateError('SYSTEM', { call: 'read', what: file, why: `${JSON.stringify(text)} is no pid` });
}
