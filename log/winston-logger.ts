import {
  createLogger,
  format,
  transports,
  type Logger as Winston,
  type transport as Transport,
} from 'winston';
import { logLine, type LogFormat } from './line.ts';
import type { LevelControl, LogFields, LogLevel, Logger } from './logger.ts';

export interface LogOptions {
  /** The lowest level that is written. */
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** A file to append to; standard error without. */
  readonly file?: string;
  /** How large that may become, in bytes: then it is begun anew, and one older file is kept beside it, named with a 1. No limit without. */
  readonly limit?: number;
}

/** A logger on winston, whose lines are those of {@link logLine}. */
export function winstonLogger(options: LogOptions): Logger & LevelControl {
  const winston = createLogger({
    level: options.level,
    format: format.combine(
      format.timestamp({ format: () => new Date().toISOString() }),
      line(options.format),
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

const line = (kind: LogFormat) =>
  format.printf(({ level, message, timestamp, fields }) =>
    logLine(kind, levelOf(level), String(message), String(timestamp), fieldsOf(fields)),
  );

/** Only these are ever given to it. */
const levelOf = (level: string): LogLevel =>
  level === 'debug' || level === 'info' || level === 'warn' ? level : 'error';

function fieldsOf(value: unknown): LogFields {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}
