import { closeSync, constants, openSync, readFileSync } from 'node:fs';
import type { ProcessFiles } from '../../platform.ts';
import { isErrno, systemFailure } from '../system-error.ts';

/** What another process has as its standard streams, opened once more. A socket cannot be: /dev/null stands for it. */
export class StandardStreams implements Disposable {
  readonly files: ProcessFiles;

  private constructor(files: ProcessFiles) {
    this.files = files;
  }

  /** @param pid of a process that lives, as the host sees it @throws RunstateError SYSTEM */
  static of(pid: number): StandardStreams {
    const files: (number | undefined)[] = [];
    try {
      for (const fd of [0, 1, 2]) files.push(reopen(pid, fd));
      return new StandardStreams(files);
    } catch (error) {
      closeAll(files);
      throw systemFailure('open', `the standard streams of process ${pid}`, error);
    }
  }

  [Symbol.dispose](): void {
    closeAll(this.files);
  }
}

/** As it is open there: for reading, writing or both. */
function reopen(pid: number, fd: number): number | undefined {
  try {
    const flags = parseInt(
      /^flags:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'latin1'))?.[1] ?? '0',
      8,
    );
    const kept = flags & (constants.O_WRONLY | constants.O_RDWR | constants.O_APPEND);
    return openSync(`/proc/${pid}/fd/${fd}`, kept | constants.O_NOCTTY);
  } catch (error) {
    if (isErrno(error, 'ENXIO', 'ENOENT')) return undefined;
    throw error;
  }
}

function closeAll(files: ProcessFiles): void {
  for (const fd of files) if (fd !== undefined) closeSync(fd);
}
