/** How a command that failed tells it: to people on standard error, to container engines in the log file. */
import { appendFileSync } from 'node:fs';
import { messageOf } from '../../errors/index.ts';
import { printError } from '../output/print.ts';

/** The global flags that say where errors go. */
export interface ReportOptions {
  readonly log?: string;
  readonly logFormat?: string;
  readonly debug?: boolean;
}

/** Tells of an error: in the log file when there is one, as runc writes it, and on standard error. */
export function reportError(error: unknown, options: ReportOptions): void {
  const message = messageOf(error);
  logError(error, options);
  printError(
    options.log === undefined && options.logFormat === 'json'
      ? logLine(message, 'json')
      : `runstate: ${message}`,
  );
  if (options.debug === true) printError(stacks(error));
}

/** Tells of it in the log file alone, when there is one. */
export function logError(error: unknown, { log, logFormat }: ReportOptions): void {
  if (log !== undefined) appendLine(log, logLine(messageOf(error), logFormat));
}

function logLine(msg: string, format: string | undefined): string {
  const time = new Date().toISOString();
  return format === 'json'
    ? JSON.stringify({ level: 'error', msg, time })
    : `time=${time} level=error msg=${JSON.stringify(msg)}`;
}

function appendLine(file: string, line: string): void {
  try {
    appendFileSync(file, `${line}\n`);
  } catch (error) {
    // The error itself is told on standard error in any case.
    printError(`runstate: the log cannot be written: ${messageOf(error)}`);
  }
}

/** Where it was raised, and what was caught below. */
function stacks(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const stack = error.stack ?? error.message;
  return error.cause === undefined ? stack : `${stack}\ncaused by: ${stacks(error.cause)}`;
}
