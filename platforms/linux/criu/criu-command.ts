import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statfsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { builtFile } from '../../../native/index.ts';
import { isErrno, systemFailure } from '../system-error.ts';

/** How a runtime that calls CRIU is started. */
export interface CriuCommand {
  /** The directory that it must find first in PATH: CRIU is `criu` there. */
  readonly path: string;
  /** What is put before the runtime's own command line. */
  readonly starter: readonly string[];
}

/** TMPFS_MAGIC of linux/magic.h. */
const tmpfs = 0x01021994;
/** Here lies what CRIU found out about the kernel: a file for each CRIU, gone or replaced with the next boot. */
const cacheDirectory = '/run/runstate-criu';

/**
 * CRIU such that it starts quickly: see native/helpers/criu-starter.c. Where /run is a tmpfs it does so by itself.
 * @param criu its program, as an absolute path whose last part is `criu`
 * @throws RunstateError SYSTEM
 */
export function criuCommand(criu: string): CriuCommand {
  const cache = statfsSync('/run').type === tmpfs ? undefined : cacheFile(criu);
  const starter = cache === undefined ? [] : [builtFile('criu-starter'), criu, cache];
  return { path: dirname(criu), starter };
}

/** Undefined where none can be kept: then CRIU takes a little longer each time. */
function cacheFile(criu: string): string | undefined {
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  const { mtimeMs, size } = statSync(criu);
  const which = createHash('sha256').update(`${criu}\0${mtimeMs}\0${size}`).digest('hex').slice(0, 16);
  try {
    mkdirSync(cacheDirectory, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(cacheDirectory))
      if (!name.startsWith(boot)) rmSync(join(cacheDirectory, name), { force: true });
  } catch (error) {
    if (isErrno(error, 'EROFS', 'EACCES', 'ENOSPC', 'ENOTDIR')) return undefined;
    throw systemFailure('prepare', cacheDirectory, error);
  }
  return join(cacheDirectory, `${boot}-${which}`);
}
