import { readdirSync, readFileSync } from 'node:fs';
import { isErrno } from '../system-error.ts';

/** Ms between two looks. */
const pause = 200;
/** As many looks it may be there: who is alive and well reaps it at once, also on a busy machine. */
const patience = 10;

/**
 * Tells once of a process that has had a dead child for a while and does not reap it: it waits for something that the
 * child was to do. Until it is disposed of.
 */
export function watchForDeadChild(pid: number, tell: () => void): Disposable {
  const looks = new Map<number, number>();
  const timer = setInterval(() => {
    const dead = childrenOf(pid).filter(isZombie);
    for (const known of looks.keys()) if (!dead.includes(known)) looks.delete(known);
    for (const child of dead) looks.set(child, (looks.get(child) ?? 0) + 1);
    if (Math.max(0, ...looks.values()) < patience) return;
    clearInterval(timer);
    tell();
  }, pause);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** Of all of its threads; the dead that nobody reaped among them. */
function childrenOf(pid: number): readonly number[] {
  const tasks = `/proc/${pid}/task`;
  const texts = unlessGone(() => readdirSync(tasks), []).map((task) =>
    unlessGone(() => readFileSync(`${tasks}/${task}/children`, 'latin1'), ''),
  );
  return texts.flatMap((text) => text.split(' ').filter(Boolean).map(Number));
}

function isZombie(pid: number): boolean {
  const text = unlessGone(() => readFileSync(`/proc/${pid}/stat`, 'latin1'), '');
  // The command may hold anything, also parentheses.
  return text.slice(text.lastIndexOf(')') + 2).startsWith('Z');
}

function unlessGone<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ESRCH')) return otherwise;
    throw error;
  }
}
