/** More about a log line: plain values, shown as `key=value` or JSON. */
export type LogFields = Readonly<Record<string, unknown>>;

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** By what a log's level is read and changed, at once for all who log to it. */
export interface LevelControl {
  /** The lowest that is written. */
  level: LogLevel;
}

/** What the rest of runstate knows of logging. `child` adds fields to every line, e.g. a correlation id. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  child(fields: LogFields): Logger;
}

/** For those who want no log. */
export const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};
