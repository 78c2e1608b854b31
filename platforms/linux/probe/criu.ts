import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findCriu, tryCriu } from '../criu/index.ts';
import type { ProbeCheck } from '../../platform.ts';

const timeout = 10_000;
const name = 'criu';
const remedy = 'npm run setup (as root; it fetches one that works)';

/** Whether sandboxes can be saved here, by saving something. */
export async function checkCriu(): Promise<readonly ProbeCheck[]> {
  const criu = findCriu();
  if (criu === undefined)
    return [{ name, verdict: 'limited', detail: 'not here: no checkpoints and no restores', remedy }];
  const { stdout } = await promisify(execFile)(criu, ['--version'], { timeout });
  const version = stdout.split('\n')[0] ?? '';
  const why = await tryCriu(criu);
  if (why === undefined)
    return [{ name, verdict: 'ok', detail: `${version}, saves and restores an open TCP connection` }];
  return [{ name, verdict: 'limited', detail: `${version} at ${criu} does not work here: ${why}`, remedy }];
}
