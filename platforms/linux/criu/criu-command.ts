import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { builtFile } from '../../../native/index.ts';
import { isErrno, systemFailure } from '../system-error.ts';
import { systemPath } from '../system-path.ts';

/** How a runtime finds CRIU. */
export interface CriuCommand {
  /** The directory that it must find first in PATH: CRIU is `criu` there. */
  readonly path: string;
  /** The PATH that it and the tools that it runs are found in. */
  readonly search: string;
}

/** TMPFS_MAGIC of linux/magic.h. */
const tmpfs = 0x01021994;
/** Here lies what each CRIU found out about the kernel, until the next boot. */
const keptDirectory = '/run/runstate-criu';
/** Where CRIU looks for it (criu/kerndat.c). It writes it only on a tmpfs, and reads it anywhere. */
const read = '/run/criu.kdat';
/** Ms. */
const timeout = 10_000;

/**
 * CRIU such that it starts quickly. It finds out about the kernel at every start, which takes it longer than a small
 * dump, unless /run is a tmpfs where it may keep that. Where it is none, it is asked once in a namespace that has one
 * (native/helpers/criu-starter.c), and what it kept is put where it reads it. CRIU itself stays in this mount
 * namespace: from another it could not name files that processes have open from here.
 * @param criu its program, as an absolute path whose last part is `criu`
 * @throws RunstateError SYSTEM
 */
export async function criuCommand(criu: string): Promise<CriuCommand> {
  if (statfsSync('/run').type !== tmpfs) await keepFindings(criu);
  const path = dirname(criu);
  // Ours come first: native/helpers/criu-tar.c.
  return { path, search: [path, dirname(builtFile('criu-tools/tar')), systemPath()].join(delimiter) };
}

async function keepFindings(criu: string): Promise<void> {
  const kept = keptFile(criu);
  if (kept === undefined) return;
  try {
    if (contentOf(kept) === undefined)
      await promisify(execFile)(builtFile('criu-starter'), [criu, kept, 'true'], { timeout });
    const findings = contentOf(kept);
    // Empty: it keeps nothing.
    if (findings === undefined || findings.length === 0 || contentOf(read)?.equals(findings) === true) return;
    const part = `${read}.${process.pid}`;
    writeFileSync(part, findings, { mode: 0o600 });
    renameSync(part, read);
  } catch (error) {
    throw systemFailure('prepare', read, error);
  }
}

/** Undefined where none can be kept: then CRIU takes a little longer each time. */
function keptFile(criu: string): string | undefined {
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  const { mtimeMs, size } = statSync(criu);
  const which = createHash('sha256').update(`${criu}\0${mtimeMs}\0${size}`).digest('hex').slice(0, 16);
  try {
    mkdirSync(keptDirectory, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(keptDirectory))
      if (!name.startsWith(boot)) {
        rmSync(join(keptDirectory, name), { force: true });
        // Of another kernel, perhaps.
        rmSync(read, { force: true });
      }
  } catch (error) {
    if (isErrno(error, 'EROFS', 'EACCES', 'ENOSPC', 'ENOTDIR')) return undefined;
    throw systemFailure('prepare', keptDirectory, error);
  }
  return join(keptDirectory, `${boot}-${which}`);
}

function contentOf(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}
