import { faultPoint } from '../../faults/fault-point.ts';
import { readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { RunstateError, isRunstateError, messageOf } from '../../errors/index.ts';
import { isErrno } from './is-errno.ts';
import { sandboxFiles, type SandboxFiles } from './layout.ts';
import { createFile, replaceFile } from './replace-file.ts';
import {
  isAlive,
  ownSupervisorInfo,
  parseSupervisorInfo,
  readSupervisorFile,
  type SupervisorInfo,
} from './supervisor-file.ts';

const prefix = '.taken-from-';

/**
 * Takes a sandbox over from a supervisor that has died. Of several that try at once one succeeds: each dead supervisor
 * has one successor, which a file in the sandbox's directory names that can be made only once.
 * @throws RunstateError SANDBOX_NOT_FOUND; SANDBOX_EXISTS when its supervisor lives, or another is taking over; ROOT when
 *   nothing can be written there
 */
export function takeOverSandbox(root: string, id: string): SandboxFiles {
  try {
    return takeOver(root, id);
  } catch (error) {
    if (isRunstateError(error)) throw error;
    throw new RunstateError('ROOT', { root, why: messageOf(error) }, { cause: error });
  }
}

function takeOver(root: string, id: string): SandboxFiles {
  const files = sandboxFiles(root, id);
  for (;;) {
    const info = readSupervisorFile(root, id);
    if (info === undefined) throw new RunstateError('SANDBOX_NOT_FOUND', { id, where: root });
    if (info.isAlive) throw hostedBy(id, info);
    const claim = claimAfter(files.directory, id, info);
    faultPoint('recover.claimed');
    const now = readSupervisorFile(root, id);
    if (now?.pid === info.pid && now.startTime === info.startTime) {
      replaceFile(files.supervisor, JSON.stringify(ownSupervisorInfo()));
      faultPoint('recover.taken');
      removeClaims(files.directory);
      return files;
    }
    // Another was quicker, and has come to its end with it.
    rmSync(claim, { force: true });
  }
}

/** It was not possible: the next one may try. */
export function giveUpSandbox(root: string, id: string, before: SupervisorInfo): void {
  const { pid, startTime } = before;
  replaceFile(sandboxFiles(root, id).supervisor, JSON.stringify({ pid, startTime }));
}

/** Makes itself the successor; one that has died over it has a successor, too. Gives the file. */
function claimAfter(directory: string, id: string, dead: SupervisorInfo): string {
  let before = dead;
  for (;;) {
    const claim = join(directory, `${prefix}${before.pid}-${before.startTime}`);
    try {
      createFile(claim, JSON.stringify(ownSupervisorInfo()));
      return claim;
    } catch (error) {
      if (isErrno(error, 'ENOENT')) throw new RunstateError('SANDBOX_NOT_FOUND', { id }, { cause: error });
      if (!isErrno(error, 'EEXIST')) throw error;
    }
    const other = readClaim(claim);
    // It has just been removed: whoever made it hosts the sandbox by now, or has given up.
    if (other === undefined) continue;
    if (isAlive(other)) throw hostedBy(id, other);
    before = other;
  }
}

function readClaim(file: string): SupervisorInfo | undefined {
  try {
    return parseSupervisorInfo(readFileSync(file, 'utf8'));
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function removeClaims(directory: string): void {
  for (const name of readdirSync(directory))
    if (name.startsWith(prefix)) rmSync(join(directory, name), { force: true });
}

const hostedBy = (id: string, { pid }: SupervisorInfo): RunstateError =>
  new RunstateError('SANDBOX_EXISTS', { id, where: `hosted by process ${pid}` });
