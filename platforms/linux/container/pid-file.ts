import { readFile, rm } from 'node:fs/promises';
import { RunstateError } from '../../../errors/index.ts';

/** The pid that the runtime wrote; the file is removed. @throws RunstateError SYSTEM when it holds none */
export async function takePid(file: string): Promise<number> {
  const text = await readFile(file, 'utf8');
  await rm(file, { force: true });
  const pid = Number(text.trim());
  if (!Number.isInteger(pid) || pid <= 0)
    throw new RunstateError('SYSTEM', { call: 'read', what: file, why: `${JSON.stringify(text)} is no pid` });
  return pid;
}
