/**
 * Named points between the steps of operations, at which a supervisor can be made to die or a step to fail: to prove that
 * nothing is lost by it (`npm run verify:faults`). Off unless the environment has RUNSTATE_FAULT, which only who starts
 * the supervisor can set.
 *
 * ```
 * RUNSTATE_FAULT=kill@create.intended#1     SIGKILL when that point is reached for the first time
 * RUNSTATE_FAULT=ENOSPC@journal.write#3     the third such step fails with that error
 * RUNSTATE_FAULT=trace@/run/points          appends the name of each point that is reached to a file; "may fail" where a call can
 * ```
 */
import { appendFileSync } from 'node:fs';
import { constants } from 'node:os';

interface Fault {
  readonly action: string;
  readonly point: string;
  /** The how-manieth time that it is reached, from 1. */
  readonly count: number;
}

const fault = parse(process.env['RUNSTATE_FAULT']);
let reached = 0;

/** Between two steps. Does nothing unless a fault is planned for that name. */
export function faultPoint(name: string): void {
  if (fault !== undefined) reach(fault, name, false);
}

/**
 * The same beside a call of the operating system, which may fail, too.
 * @throws Error the error of the operating system that is planned
 */
export function failPoint(name: string): void {
  if (fault !== undefined) reach(fault, name, true);
}

function reach(fault: Fault, name: string, mayFail: boolean): void {
  if (fault.action === 'trace') {
    appendFileSync(fault.point, `${name}${mayFail ? ' may fail' : ''}\n`);
    return;
  }
  if (fault.point !== name || (fault.action !== 'kill' && !mayFail)) return;
  reached += 1;
  if (reached !== fault.count) return;
  if (fault.action === 'kill') process.kill(process.pid, 'SIGKILL');
  else throw Object.assign(new Error(`${fault.action}: planned, at ${name}`), errorOf(fault.action));
}

function parse(text: string | undefined): Fault | undefined {
  if (text === undefined || text === '') return undefined;
  const at = text.indexOf('@');
  const action = text.slice(0, at);
  const rest = text.slice(at + 1);
  if (at > 0 && action === 'trace') return { action, point: rest, count: 0 };
  const [, point, count] = /^([\w.-]+)#([1-9]\d*)$/.exec(rest) ?? [];
  const isKnown = action === 'kill' || action in constants.errno;
  if (at < 0 || point === undefined || !isKnown)
    throw new Error(`RUNSTATE_FAULT=${text}: it is kill@POINT#N, ERRNO@POINT#N or trace@FILE`);
  return { action, point, count: Number(count) };
}

function errorOf(code: string): object {
  const errno = Object.entries(constants.errno).find(([name]) => name === code)?.[1] ?? 0;
  return { code, errno: -errno, syscall: 'planned' };
}
