import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ProbeCheck } from '../../platform.ts';

const timeout = 10_000;

export async function checkCriu(): Promise<readonly ProbeCheck[]> {
  try {
    const { stdout } = await promisify(execFile)('criu', ['--version'], { timeout });
    return [{ name: 'criu', verdict: 'ok', detail: stdout.split('\n')[0] ?? 'criu' }];
  } catch {
    // Absent or broken: either way nothing can be checkpointed, which this version does not do yet.
    return [
      { name: 'criu', verdict: 'limited', detail: 'not here: no checkpoints (this version makes none yet)' },
    ];
  }
}
