import { readFileSync } from 'node:fs';
import { replaceFile } from './replace-file.ts';
import { isErrno } from './is-errno.ts';
import { sandboxFiles } from './layout.ts';

/** Which process hosts a sandbox. */
export interface SupervisorInfo {
  readonly pid: number;
  /** Clock ticks from the machine's start to the process's (proc(5), field 22 of stat): tells a pid used again. */
  readonly startTime: string;
}

/** Notes that this process hosts the sandbox. */
export function writeSupervisorFile(root: string, sandbox: string): void {
  replaceFile(sandboxFiles(root, sandbox).supervisor, JSON.stringify(ownSupervisorInfo()));
}

/** Of this process. */
export function ownSupervisorInfo(): SupervisorInfo {
  return { pid: process.pid, startTime: startTimeOf(process.pid) ?? '' };
}

/** Whether that process still lives. */
export const isAlive = ({ pid, startTime }: SupervisorInfo): boolean => startTimeOf(pid) === startTime;

/** Which process hosts the sandbox, and whether it still lives; undefined when nobody has noted that. */
export function readSupervisorFile(
  root: string,
  sandbox: string,
): (SupervisorInfo & { readonly isAlive: boolean }) | undefined {
  const info = parse(root, sandbox);
  return info === undefined ? undefined : { ...info, isAlive: isAlive(info) };
}

function parse(root: string, sandbox: string): SupervisorInfo | undefined {
  try {
    return parseSupervisorInfo(readFileSync(sandboxFiles(root, sandbox).supervisor, 'utf8'));
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Undefined for what is none. */
export function parseSupervisorInfo(text: string): SupervisorInfo | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('pid' in value) || !('startTime' in value))
      return undefined;
    const { pid, startTime } = value;
    return typeof pid === 'number' && typeof startTime === 'string' ? { pid, startTime } : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Undefined when there is no such process, or it is a zombie. */
function startTimeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command, field 2, may hold anything, also parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // As long as other threads of it end, its sockets may be open.
    const isDead = (fields[0] === 'Z' && Number(fields[17]) <= 1) || fields[0] === 'X';
    return isDead ? undefined : fields[19];
  } catch (error) {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ESRCH')) return undefined;
    throw error;
  }
}
