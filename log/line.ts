import type { LogFields, LogLevel } from './logger.ts';

export type LogFormat = 'text' | 'json';

/**
 * One line of the log, without its end. Text looks as that of runc and containerd does (`time=… level=… msg=… key=value`),
 * JSON as runc's `--log-format json`. An error value among the fields is shown with its cause.
 * @param time ISO 8601
 */
export function logLine(
  kind: LogFormat,
  level: LogLevel,
  message: string,
  time: string,
  fields: LogFields,
): string {
  const shown = plain(fields);
  if (kind === 'json') return JSON.stringify({ level, msg: message, time, ...shown });
  const more = Object.entries(shown).map(
    ([key, value]) => ` ${key}=${typeof value === 'string' ? quoted(value) : JSON.stringify(value)}`,
  );
  return `time=${time} level=${level} msg=${quoted(message)}${more.join('')}`;
}

/** Errors and 64-bit integers have no JSON of their own. */
function plain(fields: LogFields): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([key, value]) => {
      if (value === undefined) return [];
      return [
        [key, value instanceof Error ? chain(value) : typeof value === 'bigint' ? String(value) : value],
      ];
    }),
  );
}

function chain(error: Error): string {
  const cause = error.cause instanceof Error ? `: ${chain(error.cause)}` : '';
  return cause.includes(error.message) ? cause.slice(2) : `${error.message}${cause}`;
}

function quoted(text: string): string {
  return /^[\w./:@+-]+$/.test(text) ? text : JSON.stringify(text);
}
