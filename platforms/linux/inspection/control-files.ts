/** The files of a container's cgroup: cgroups(7), and the kernel's admin-guide/cgroup-v1 and cgroup-v2. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RunstateError, messageOf } from '../../../errors/index.ts';
import type { ControlFile } from '../../inspection.ts';

/** Where a controller's files of a container are; undefined when this machine has no such controller. */
export type FindController = (controller: string) => string | undefined;

/** By these the supervisor itself works: changed behind its back, what it believes would not be true. */
const kept = new Set([
  ...['cgroup.procs', 'cgroup.threads', 'tasks', 'cgroup.type', 'cgroup.subtree_control'],
  ...['freezer.state', 'cgroup.freeze', 'cgroup.kill', 'notify_on_release', 'release_agent'],
  'cgroup.event_control',
]);

/** @throws RunstateError CONTROLLER_NOT_ACTIVE, CONTROL_FILE */
export async function readControlFile(cid: string, file: ControlFile, find: FindController): Promise<string> {
  const place = placeOf(cid, file, find);
  try {
    return await readFile(place, 'utf8');
  } catch (error) {
    throw failed(cid, file, messageOf(error), error);
  }
}

/** @throws RunstateError CONTROLLER_NOT_ACTIVE, CONTROL_FILE */
export async function writeControlFile(
  cid: string,
  file: ControlFile,
  value: string,
  find: FindController,
): Promise<void> {
  const place = placeOf(cid, file, find);
  if (kept.has(file.name)) throw failed(cid, file, 'runstate itself keeps it: use pause, resume and kill');
  try {
    // Not truncated and not made: the kernel takes what one write brings.
    await writeFile(place, value, { flag: 'r+' });
  } catch (error) {
    throw failed(cid, file, messageOf(error), error);
  }
}

function placeOf(cid: string, file: ControlFile, find: FindController): string {
  const { controller, path, name } = file;
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  // There are no links in a cgroup file system.
  if (parts.includes('..')) throw failed(cid, file, 'the path leads out of the cgroup');
  if (!/^[\w.-]+$/.test(name) || name === '.' || name === '..')
    throw failed(cid, file, `${JSON.stringify(name)} is no name of a file`);
  const directory = find(controller);
  if (directory === undefined) throw new RunstateError('CONTROLLER_NOT_ACTIVE', { controller });
  return join(directory, ...parts, name);
}

function failed(
  cid: string,
  { controller, path, name }: ControlFile,
  why: string,
  cause?: unknown,
): RunstateError {
  const file = [controller, ...path.split('/').filter(Boolean), name].join('/');
  return new RunstateError('CONTROL_FILE', { cid, file, why }, cause === undefined ? {} : { cause });
}
