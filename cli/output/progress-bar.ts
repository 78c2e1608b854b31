import { isatty } from 'node:tty';
import type { OnProgress } from '../../library/progress-pipe.ts';
import { writeSync } from 'node:fs';

const width = 30;
const megabyte = 1e6;

/** A bar on standard error, where that is a terminal; it is wiped when it is done. */
export class ProgressBar implements Disposable {
  #isShown = false;

  /** Undefined where nobody would see it: then nothing needs to be told. */
  get onProgress(): OnProgress | undefined {
    if (!isatty(2)) return undefined;
    return ({ phase, bytes, total }) => {
      this.#isShown = true;
      const size = `${(bytes / megabyte).toFixed(1)} MB`;
      const share = total === undefined || total === 0 ? undefined : Math.min(1, bytes / total);
      const bar =
        share === undefined
          ? ''
          : `[${'#'.repeat(Math.round(share * width)).padEnd(width)}] ${Math.round(share * 100)}%  `;
      write(`\r\x1b[K${phase.padEnd(8)} ${bar}${bytes === 0 ? '' : size}`);
    };
  }

  [Symbol.dispose](): void {
    if (this.#isShown) write('\r\x1b[K');
  }
}

/** What cannot be drawn is not missed. */
function write(text: string): void {
  try {
    writeSync(2, text);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
  }
}
