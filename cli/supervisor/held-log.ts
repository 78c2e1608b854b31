import type { LevelControl, LogFields, LogLevel, Logger } from '../../log/logger.ts';

interface Line {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

/**
 * A log whose place is known only later: a sandbox's log lies in its run directory, which is made by what already
 * logs. Lines are kept until `open`.
 */
export class HeldLog implements LevelControl {
  readonly logger: Logger = this.#loggerWith({});
  #held: Line[] = [];
  #target: (Logger & LevelControl) | undefined;
  /** Of the log to come. */
  #level: LogLevel | undefined;

  get isOpen(): boolean {
    return this.#target !== undefined;
  }

  get level(): LogLevel {
    return this.#target?.level ?? this.#level ?? 'info';
  }

  set level(wanted: LogLevel) {
    this.#level = wanted;
    if (this.#target !== undefined) this.#target.level = wanted;
  }

  /** Writes what was kept, and everything from now on, to this log. */
  open(target: Logger & LevelControl): void {
    this.#target = target;
    if (this.#level !== undefined) target.level = this.#level;
    const held = this.#held;
    this.#held = [];
    for (const { level, message, fields } of held) target[level](message, fields);
  }

  #loggerWith(base: LogFields): Logger {
    const at = (level: LogLevel) => (message: string, fields?: LogFields) => {
      const line = { level, message, fields: { ...base, ...fields } };
      if (this.#target === undefined) this.#held.push(line);
      else this.#target[level](message, line.fields);
    };
    return {
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      child: (fields) => this.#loggerWith({ ...base, ...fields }),
    };
  }
}
