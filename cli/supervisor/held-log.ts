import type { LogFields, Logger } from '../../log/logger.ts';

type Level = 'debug' | 'info' | 'warn' | 'error';
interface Line {
  readonly level: Level;
  readonly message: string;
  readonly fields: LogFields;
}

/**
 * A log whose place is known only later: a sandbox's log lies in its run directory, which is made by what already
 * logs. Lines are kept until `open`.
 */
export class HeldLog {
  readonly logger: Logger = this.#loggerWith({});
  #held: Line[] = [];
  #target: Logger | undefined;

  get isOpen(): boolean {
    return this.#target !== undefined;
  }

  /** Writes what was kept, and everything from now on, to this log. */
  open(target: Logger): void {
    this.#target = target;
    const held = this.#held;
    this.#held = [];
    for (const { level, message, fields } of held) target[level](message, fields);
  }

  #loggerWith(base: LogFields): Logger {
    const at = (level: Level) => (message: string, fields?: LogFields) => {
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
