/** What the tests of supervisors that die share. */
import { existsSync } from 'node:fs';
import { readSupervisorFile } from '../../actors/run-directory/index.ts';
import { eventually } from '../cli/support.ts';

export { eventually, makeCli, programsOf, real, rootfs, unique } from '../cli/support.ts';
export { makePlace, remains, serve } from '../checkpoint/support.ts';

/** Ends a sandbox's supervisor as the kernel would for want of memory, and waits until it has gone. */
export async function killSupervisor(root: string, id: string): Promise<number> {
  const pid = readSupervisorFile(root, id)?.pid;
  if (pid === undefined) throw new Error(`nobody hosts ${id}`);
  process.kill(pid, 'SIGKILL');
  await eventually(
    () =>
      readSupervisorFile(root, id)?.isAlive === true || existsSync(`/proc/${pid}/exe`) ? undefined : true,
    'it is dead',
  );
  return pid;
}
