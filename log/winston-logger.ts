import {
  createLogger,
  format,
  transports,
  type Logger as Winston,
  type transport as Transport,
} from 'winston';
import type { LevelControl, LogFields, LogLevel, Logger } from './logger.ts';

export interface LogOptions {
  /** The lowest level that is written. */
  readonly level: LogLevel;
  readonly format: 'text' | 'json';
  /** A file to append to; standard error without. */
  readonly file?: string;
  /** How large that may become, in bytes: then it is begun anew, and one older file is kept beside it, named with a 1. No limit without. */
  readonly limit?: number;
}

/**
 * A logger on winston. Text lines look as those of runc and containerd do
 * (`time=… level=… msg=… key=value`), JSON lines as runc's `--log-format json`.
 * An error value among the fields is shown with its cause.
 */
export function winstonLogger(options: LogOptions): Logger & LevelControl {
  const winston = createLogger({
    level: options.level,
    format: format.combine(
      format.timestamp({ format: () => new Date().toISOString() }),
      options.format === 'json' ? jsonLine() : textLine(),
    ),
    transports: [target(options)],
  });
  let { level } = options;
  return {
    ...wrap(winston),
    get level() {
      return level;
    },
    set level(wanted) {
      level = winston.level = wanted;
    },
  };
}

function target({ file, limit }: LogOptions): Transport {
  const { File, Stream } = transports;
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- winston declares its transports as interfaces
  if (file === undefined) return new Stream({ stream: process.stderr });
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- as above
  return new File({
    filename: file,
    // What is logged of a sandbox is its owner's alone, whatever the umask.
    options: { flags: 'a', mode: 0o600 },
    ...(limit === undefined ? {} : { maxsize: limit, maxFiles: 2, tailable: true }),
  });
}

function wrap(winston: Winston): Logger {
  const at = (level: LogLevel) => (message: string, fields?: LogFields) => {
    winston.log(level, message, { fields: fields ?? {} });
  };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => withFields(wrap(winston), fields),
  };
}

function withFields(logger: Logger, more: LogFields): Logger {
  return {
    debug: (message, fields) => {
      logger.debug(message, { ...more, ...fields });
    },
    info: (message, fields) => {
      logger.info(message, { ...more, ...fields });
    },
    warn: (message, fields) => {
      logger.warn(message, { ...more, ...fields });
    },
    error: (message, fields) => {
      logger.error(message, { ...more, ...fields });
    },
    child: (fields) => withFields(logger, { ...more, ...fields }),
  };
}

const jsonLine = () =>
  format.printf((info) =>
    JSON.stringify({
      level: info.level,
      msg: info.message,
      time: info['timestamp'],
      ...plain(fieldsOf(info['fields'])),
    }),
  );

const textLine = () =>
  format.printf((info) => {
    const more = Object.entries(plain(fieldsOf(info['fields']))).map(
      ([key, value]) => ` ${key}=${typeof value === 'string' ? quoted(value) : JSON.stringify(value)}`,
    );
    return `time=${String(info['timestamp'])} level=${info.level} msg=${quoted(String(info.message))}${more.join('')}`;
  });

function fieldsOf(value: unknown): LogFields {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
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
