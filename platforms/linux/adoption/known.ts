/**
 * What is known of a container's processes, in files of its directory: by them whoever takes over from a supervisor
 * that has died knows them again. A pid alone may be another's by then; with the time of its start it is not.
 */
import { readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isErrno, systemFailure } from '../system-error.ts';

export interface KnownProcess {
  /** In the container's own numbering. */
  readonly pid: number;
  readonly hostPid: number;
  /** Clock ticks since the machine's start (proc_pid_stat(5), field 22). */
  readonly startTicks: number;
}

/** An exec'd process; `stranger` as StartedExec has it. */
export interface KnownExec extends KnownProcess {
  readonly stranger?: string;
}

export interface KnownContainer {
  /** `pid` is 1 where it has a pid namespace of its own; not looked at. */
  readonly init: KnownProcess;
  /** Of the program, where runstate-init is pid 1 and has started it. */
  readonly program?: KnownProcess;
  /** Where the container sees runstate-init. */
  readonly helper?: string;
  /** The program, as errors name it. */
  readonly command: string;
  /** The types of namespaces that it has of its own. */
  readonly namespaces: readonly string[];
}

const containerFile = (directory: string): string => join(directory, 'known.json');
const execFile = (directory: string, hostPid: number): string => join(directory, `process-${hostPid}.json`);

/** @throws RunstateError SYSTEM */
export function keepContainer(directory: string, known: KnownContainer): void {
  write(containerFile(directory), known);
}

/** @throws RunstateError SYSTEM */
export function keepExec(directory: string, known: KnownExec): void {
  write(execFile(directory, known.hostPid), known);
}

/** Its end has been told. @throws SystemError */
export function forgetExec(directory: string, hostPid: number): void {
  rmSync(execFile(directory, hostPid), { force: true });
}

/** Undefined where its making had not come so far. @throws RunstateError SYSTEM for a file that is none of ours */
export function readContainer(directory: string): KnownContainer | undefined {
  const value = read(containerFile(directory));
  if (value === undefined) return undefined;
  const init = 'init' in value ? processIn(value.init) : undefined;
  const program = 'program' in value ? processIn(value.program) : undefined;
  if (init === undefined) throw unreadable(containerFile(directory));
  return {
    init,
    ...(program === undefined ? {} : { program }),
    ...('helper' in value && typeof value.helper === 'string' ? { helper: value.helper } : {}),
    command: 'command' in value && typeof value.command === 'string' ? value.command : '',
    namespaces:
      'namespaces' in value && Array.isArray(value.namespaces) ? value.namespaces.filter(isText) : [],
  };
}

/** All that are known, dead or alive. @throws RunstateError SYSTEM for a file that is none of ours */
export function readExecs(directory: string): readonly KnownExec[] {
  const found: KnownExec[] = [];
  for (const name of namesIn(directory)) {
    if (!/^process-\d+\.json$/.test(name)) continue;
    const value = read(join(directory, name));
    const known = processIn(value);
    if (value === undefined) continue;
    if (known === undefined) throw unreadable(join(directory, name));
    const more =
      'stranger' in value && typeof value.stranger === 'string' ? { stranger: value.stranger } : {};
    found.push({ ...known, ...more });
  }
  return found;
}

const isText = (value: unknown): value is string => typeof value === 'string';

function processIn(value: unknown): KnownProcess | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (!('pid' in value) || !('hostPid' in value) || !('startTicks' in value)) return undefined;
  const { pid, hostPid, startTicks } = value;
  if (typeof pid !== 'number' || typeof hostPid !== 'number' || typeof startTicks !== 'number')
    return undefined;
  return { pid, hostPid, startTicks };
}

/** At one instant: the supervisor may die in the middle. */
function write(file: string, value: KnownContainer | KnownExec): void {
  const draft = `${file}.new`;
  try {
    writeFileSync(draft, JSON.stringify(value), { mode: 0o600 });
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw systemFailure('write', file, error);
  }
}

function read(file: string): object | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof value !== 'object' || value === null) throw unreadable(file);
    return value;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw systemFailure('read', file, error);
  }
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return [];
    throw systemFailure('read', directory, error);
  }
}

const unreadable = (file: string): Error => systemFailure('read', file, new Error('it tells no process'));
