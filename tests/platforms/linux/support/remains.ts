/** What a sandbox may have left behind, looked for all over the machine. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { findCgroups } from '../../../../platforms/linux/cgroups/find.ts';

/** All traces of a sandbox: cgroups, mounts, files, and dead or living children of this process in none of them. */
export function remainsOf({ id, directory }: { readonly id: string; readonly directory: string }): string[] {
  return [
    ...findCgroups(id),
    ...lines('/proc/self/mountinfo').filter((line) => line.includes(directory)),
    ...(existsSync(directory) ? [directory] : []),
    ...zombies().map((pid) => `zombie ${pid}`),
  ];
}

/** Children of this process that have ended and that nobody has waited for. */
export function zombies(): number[] {
  return children().filter((pid) => stateOf(pid) === 'Z');
}

export function children(): number[] {
  return lines(`/proc/self/task/${process.pid}/children`).flatMap((line) =>
    line.split(' ').filter(Boolean).map(Number),
  );
}

export const openFiles = (): number => readdirSync('/proc/self/fd').length;

export function stateOf(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2, text.lastIndexOf(')') + 3);
  } catch {
    // It has gone.
    return undefined;
  }
}

function lines(file: string): string[] {
  return readFileSync(file, 'utf8').split('\n').filter(Boolean);
}
