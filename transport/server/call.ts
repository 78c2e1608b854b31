import { nanoid } from 'nanoid';
import { RunstateError } from '../../errors/index.ts';
import type { Logger } from '../../log/logger.ts';
import type { Credentials } from '../../native/sockets.ts';
import type { MethodName } from '../methods/index.ts';
import type { Call } from './handler.ts';
import { ReceivedFiles } from './received-files.ts';

/** A call under way. What only some handlers use is made when it is asked for: most calls are tiny. */
export class RunningCall implements Call {
  readonly method: MethodName;
  readonly peer: Credentials;
  readonly files: ReceivedFiles;
  /** Milliseconds since the Unix epoch. */
  readonly since = Date.now();
  readonly #logger: Logger;
  #abort: AbortController | undefined;
  #aborted: RunstateError | undefined;
  #requestId: string | undefined;
  #log: Logger | undefined;

  constructor(method: MethodName, fds: readonly number[], peer: Credentials, logger: Logger) {
    this.method = method;
    this.files = new ReceivedFiles(fds);
    this.peer = peer;
    this.#logger = logger;
  }

  get requestId(): string {
    this.#requestId ??= nanoid();
    return this.#requestId;
  }

  get log(): Logger {
    this.#log ??= this.#logger.child({ requestId: this.requestId, method: this.method });
    return this.#log;
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.#aborted !== undefined) this.#abort.abort(this.#aborted);
    }
    return this.#abort.signal;
  }

  abort(why: string): void {
    if (this.#aborted !== undefined) return;
    this.#aborted = new RunstateError(
      'CANCELLED',
      { verb: 'call', kind: 'method', id: this.method },
      { cause: new Error(why) },
    );
    this.#abort?.abort(this.#aborted);
  }
}
