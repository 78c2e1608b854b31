import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { messageOf } from '../../../errors/index.ts';
import type { ProbeCheck } from '../../platform.ts';

const timeout = 10_000;

export async function checkRuntime(binary: string): Promise<readonly ProbeCheck[]> {
  try {
    const { stdout } = await promisify(execFile)(binary, ['--version'], { timeout });
    return [{ name: 'runtime', verdict: 'ok', detail: stdout.split('\n')[0] ?? binary }];
  } catch (error) {
    const detail = `${binary} does not run: ${messageOf(error)}`;
    return [{ name: 'runtime', verdict: 'missing', detail, remedy: 'apt-get install runc' }];
  }
}
