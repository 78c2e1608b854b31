import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isErrno } from '../system-error.ts';

/** The pipe by which a runtime's init is told to go on. */
const fifo = 'exec.fifo';

/**
 * Whether a container's init still waits for its start. The runtime takes its mark away after that: one that was killed just
 * before has started it all the same. @param state the runtime's directory of the container
 */
export function waitsForStart(initPid: number, state: string): boolean {
  return existsSync(join(state, fifo)) && !wasStarted(initPid);
}

/** Whoever looks at the runtime's mark, as the runtime itself, is not to wait for what has been started. @throws SystemError */
export function markStarted(state: string): void {
  rmSync(join(state, fifo), { force: true });
}

/**
 * Whether another program was executed in the place of a runtime's init, by its name: runc's is `runc:[2:INIT]`. False
 * for one that has gone.
 */
export function wasStarted(initPid: number): boolean {
  try {
    const name = readFileSync(`/proc/${initPid}/comm`, 'utf8').trim();
    return !name.startsWith('runc:[') && name !== 'crun' && name !== 'youki';
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ESRCH')) return false;
    throw error;
  }
}
