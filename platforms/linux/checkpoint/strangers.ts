import { readFileSync } from 'node:fs';
import type { LinuxContainer } from '../container/linux-container.ts';
import type { ExitWatch } from '../process/exit-watch.ts';
import { isErrno } from '../system-error.ts';

/** An exec'd process that CRIU does not find. */
export interface Stranger {
  /** In the container's own numbering. */
  readonly pid: number;
  readonly command: string;
  readonly watch: ExitWatch;
}

/**
 * CRIU saves init and what descends from it. An exec'd process whose parent is outside, because the runtime started it
 * there, is none of these.
 */
export function strangersOf(container: LinuxContainer): readonly Stranger[] {
  return [...container.execs].flatMap(([pid, watch]) => {
    const status = statusOf(watch.hostPid);
    if (status === undefined || parentIn(status) === container.initPid) return [];
    return [{ pid, command: /^Name:\t(.*)$/m.exec(status)?.[1] ?? '', watch }];
  });
}

/** Exec'd processes that are saved with their container, by their pids in its own numbering. */
export function savedExecs(container: LinuxContainer): readonly number[] {
  const lost = new Set(strangersOf(container).map(({ pid }) => pid));
  return [...container.execs.keys()].filter((pid) => !lost.has(pid));
}

/** Undefined when it has gone. */
function statusOf(hostPid: number): string | undefined {
  try {
    return readFileSync(`/proc/${hostPid}/status`, 'utf8');
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ESRCH')) return undefined;
    throw error;
  }
}

const parentIn = (status: string): number => Number(/^PPid:\t(\d+)$/m.exec(status)?.[1]);
