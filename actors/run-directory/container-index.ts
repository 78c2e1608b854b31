import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { RunstateError } from '../../errors/index.ts';
import type { ContainerIndex } from '../sandbox/sandbox-system.ts';
import { isErrno } from './is-errno.ts';
import { containersDirectory, sandboxFiles } from './layout.ts';
import { createFile } from './replace-file.ts';

/**
 * Which sandbox a container is in, for all sandboxes of a root: a file a container. So ids are unique in a root,
 * also between sandboxes with supervisors of their own, and a client finds the sandbox by the container's id.
 */
export function containerIndex(root: string): ContainerIndex {
  return {
    add: (cid, sandbox) => {
      mkdirSync(containersDirectory(root), { recursive: true, mode: 0o700 });
      if (tryAdd(root, cid, sandbox)) return;
      const other = sandboxOfContainer(root, cid);
      // Left by a supervisor that died: its sandbox has been removed since.
      if (other !== undefined && existsSync(sandboxFiles(root, other).directory))
        throw new RunstateError('CONTAINER_EXISTS', { id: cid });
      rmSync(entry(root, cid), { force: true });
      if (!tryAdd(root, cid, sandbox)) throw new RunstateError('CONTAINER_EXISTS', { id: cid });
    },
    remove: (cid) => {
      rmSync(entry(root, cid), { force: true });
    },
  };
}

/** Frees the ids that a sandbox had taken and does not know. */
export function sweepIndex(root: string, sandbox: string, known: readonly string[]): void {
  for (const name of namesIn(containersDirectory(root))) {
    const cid = name.replace(/\.json$/, '');
    if (name !== `${cid}.json` || known.includes(cid)) continue;
    if (sandboxOfContainer(root, cid) === sandbox) rmSync(entry(root, cid), { force: true });
  }
}

/** The sandbox that a container is in; undefined when there is no such container. */
export function sandboxOfContainer(root: string, cid: string): string | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(entry(root, cid), 'utf8'));
    if (
      typeof value === 'object' &&
      value !== null &&
      'sandbox' in value &&
      typeof value.sandbox === 'string'
    )
      return value.sandbox;
    return undefined;
  } catch (error) {
    if (isErrno(error, 'ENOENT') || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return [];
    throw error;
  }
}

const entry = (root: string, cid: string): string => join(containersDirectory(root), `${cid}.json`);

function tryAdd(root: string, cid: string, sandbox: string): boolean {
  try {
    createFile(entry(root, cid), JSON.stringify({ sandbox }));
    return true;
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false;
    throw error;
  }
}
