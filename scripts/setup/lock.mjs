// Two set-ups at once would undo each other's work: one waits for the other.
import { spawnSync } from 'node:child_process';
import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { SetupError } from './step.mjs';

/** Longer than any set-up takes on a slow machine. */
const patienceSeconds = Number(process.env.RUNSTATE_SETUP_PATIENCE ?? 900);

/** flock(1) answers this when the lock is held by another. */
const conflict = 75;

/**
 * Runs `work` while holding the lock. It is a flock(2) on a file that only this process has open: the kernel frees it
 * when the holder ends, however it ends. flock(1) takes it on our descriptor, as Node has no such call itself.
 */
export async function withLock(file, work) {
  const fd = openSync(file, 'a+');
  try {
    if (!take(fd, ['-n'])) {
      console.log(`setup: waiting for another set-up (process ${readFileSync(file, 'utf8').trim()}) …`);
      if (!take(fd, ['-w', String(patienceSeconds)])) {
        throw new SetupError(
          `another set-up (process ${readFileSync(file, 'utf8').trim()}) holds ${file} ` +
            `for more than ${patienceSeconds} s; end it if it is stuck`,
        );
      }
    }
    ftruncateSync(fd);
    writeSync(fd, `${process.pid}\n`);
    return await work();
  } finally {
    closeSync(fd);
  }
}

function take(fd, how) {
  const done = spawnSync('flock', ['-x', '-E', String(conflict), ...how, '3'], {
    stdio: ['ignore', 'ignore', 'pipe', fd],
    encoding: 'utf8',
  });
  if (done.status === 0) return true;
  if (done.status === conflict) return false;
  const hint = done.error?.code === 'ENOENT' ? '; install it by: apt-get install util-linux' : '';
  throw new SetupError(`flock ${(done.error?.message ?? done.stderr).trim()}${hint}`);
}
