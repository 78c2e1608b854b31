import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { messageOf } from '../../../errors/index.ts';
import type { ProbeCheck } from '../../platform.ts';
import { isErrno } from '../system-error.ts';
import { systemPath } from '../system-path.ts';

const timeout = 10_000;
const name = 'links';
const lost = 'sandboxes cannot be given interfaces (Network.CreateLinksAndRoutes)';

/** Whether sandboxes can be given interfaces here: the programs that do it. */
export async function checkLinks(): Promise<readonly ProbeCheck[]> {
  const run = promisify(execFile);
  const options = { timeout, env: { PATH: systemPath() } };
  const found: string[] = [];
  for (const [program, remedy] of [
    ['ip', 'apt-get install iproute2'],
    ['nsenter', 'apt-get install util-linux'],
  ] as const) {
    try {
      const { stdout } = await run(program, ['-V'], options);
      found.push(stdout.split('\n')[0] ?? program);
    } catch (error) {
      const why = isErrno(error, 'ENOENT') ? 'is not here' : `does not work: ${messageOf(error)}`;
      return [{ name, verdict: 'limited', detail: `${program} ${why}: ${lost}`, remedy }];
    }
  }
  return [{ name, verdict: 'ok', detail: found.join('; ') }];
}
