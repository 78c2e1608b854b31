import { RunstateError, isError, messageOf } from '../../errors/index.ts';
import { openSink } from '../../statefile/io/open.ts';
import type { Sink } from '../../statefile/io/port.ts';

/** A file that a client passed to have something written to: regular, a pipe or a socket. */
export class OutputFile {
  readonly #sink: Sink;

  /** @param fd stays the caller's @throws RunstateError FILES */
  constructor(fd: number, signal?: AbortSignal) {
    try {
      this.#sink = openSink(fd, signal);
    } catch (error) {
      if (!isError(error, 'STATEFILE_FILE')) throw error;
      throw new RunstateError('FILES', { what: `the output file: ${error.params.why}` }, { cause: error });
    }
  }

  /** Writes some; the file ends with it. @throws RunstateError SYSTEM */
  async write(bytes: Uint8Array): Promise<void> {
    try {
      await this.#sink.write(bytes);
      await this.#sink.end();
    } catch (error) {
      const params = { call: 'write', what: 'the output file', why: messageOf(error) };
      throw new RunstateError('SYSTEM', params, { cause: error });
    }
  }

  /** Waits for what is under way. Idempotent. */
  async close(): Promise<void> {
    await this.#sink.close();
  }
}
