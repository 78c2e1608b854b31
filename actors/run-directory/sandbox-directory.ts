import { failPoint, faultPoint } from '../../faults/fault-point.ts';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { RunstateError, messageOf } from '../../errors/index.ts';
import { isErrno } from './is-errno.ts';
import { sandboxFiles, sandboxesDirectory, type SandboxFiles } from './layout.ts';
import { readSupervisorFile, writeSupervisorFile } from './supervisor-file.ts';

/**
 * Takes a sandbox's id by making its directory, which also notes who hosts it.
 * @throws RunstateError SANDBOX_EXISTS, with who has it; ROOT, and nothing is left
 */
export function takeSandboxDirectory(root: string, id: string): SandboxFiles {
  const files = sandboxFiles(root, id);
  mkdirSync(sandboxesDirectory(root), { recursive: true, mode: 0o700 });
  try {
    mkdirSync(files.directory, { mode: 0o700 });
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error;
    throw new RunstateError('SANDBOX_EXISTS', { id, where: owner(root, id) }, { cause: error });
  }
  faultPoint('boot.directory');
  try {
    writeSupervisorFile(root, id);
    failPoint('boot.supervisor');
    mkdirSync(files.platform, { mode: 0o700 });
  } catch (error) {
    // The disk may be full. The id was taken by us: it is ours to give back.
    removeSandboxDirectory(root, id);
    throw new RunstateError('ROOT', { root, why: messageOf(error) }, { cause: error });
  }
  return files;
}

/** Whether nothing is in a directory, or it is not there. */
export function isEmpty(directory: string): boolean {
  try {
    return readdirSync(directory).length === 0;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return true;
    throw error;
  }
}

/** Frees the id. */
export function removeSandboxDirectory(root: string, id: string): void {
  rmSync(sandboxFiles(root, id).directory, { recursive: true, force: true });
}

/** The ids of all sandboxes of a root, also those whose supervisor has died. */
export function listSandboxes(root: string): readonly string[] {
  try {
    return readdirSync(sandboxesDirectory(root)).sort();
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return [];
    throw error;
  }
}

function owner(root: string, id: string): string {
  const info = readSupervisorFile(root, id);
  if (info?.isAlive === true) return `hosted by process ${info.pid}`;
  // Between the making of the directory and the note of who made it lies a moment.
  if (info === undefined) return 'it is just being booted, or its supervisor has died at once';
  return `its supervisor has died: runstate delete --force ${id}`;
}
