import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ProbeCheck } from '../../platform.ts';
import { isErrno } from '../system-error.ts';
import { systemPath } from '../system-path.ts';

const timeout = 10_000;

/** Whether system calls of containers can be logged. */
export async function checkTracing(): Promise<readonly ProbeCheck[]> {
  const name = 'strace';
  try {
    const env = { PATH: systemPath() };
    const { stdout } = await promisify(execFile)('strace', ['--version'], { timeout, env });
    return [{ name, verdict: 'ok', detail: stdout.split('\n')[0] ?? '' }];
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error;
    const detail = 'not here: system calls of containers cannot be logged';
    return [{ name, verdict: 'limited', detail, remedy: 'apt-get install strace' }];
  }
}
