import { readFile } from 'node:fs/promises';
import { isErrno } from '../system-error.ts';

/** How many lines of a failed call's log a person is shown. */
const mostLines = 4;
/** Of a line, from its beginning and from its end: what failed stands there. In characters. */
const [beginning, end] = [800, 1200];

/** The telling lines of a runtime's log (--log-format json): the last few of level error and above, each once. None when there is no log. */
export async function takeLog(file: string): Promise<readonly string[]> {
  try {
    return lastOf(await readFile(file, 'utf8'));
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return [];
    throw error;
  }
}

/** The same of its text. */
export function lastOf(log: string): readonly string[] {
  return tellingLines(log).slice(-mostLines).map(inShort);
}

/** A message may have in it what a spec has, as long as that may be. */
const inShort = (text: string): string =>
  text.length <= beginning + end ? text : `${text.slice(0, beginning)} … ${text.slice(-end)}`;

/** The messages of level error and above, each once; of any level when there are none such. Text that is no JSON is kept as it is. */
export function tellingLines(log: string): readonly string[] {
  const lines = log
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map(readLine);
  const errors = lines.filter(({ level }) => level === 'error' || level === 'fatal' || level === 'panic');
  const chosen = errors.length === 0 ? lines : errors;
  return [...new Set(chosen.map(({ message }) => message))];
}

function readLine(line: string): { readonly level: string; readonly message: string } {
  let read: unknown;
  try {
    read = JSON.parse(line);
  } catch (error) {
    // A crash of the runtime itself is no JSON, and tells most of all.
    if (error instanceof SyntaxError) return { level: 'error', message: line };
    throw error;
  }
  if (typeof read !== 'object' || read === null) return { level: 'error', message: line };
  const message = 'msg' in read && typeof read.msg === 'string' ? read.msg.trim() : line;
  return { level: 'level' in read && typeof read.level === 'string' ? read.level : 'error', message };
}
