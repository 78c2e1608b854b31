import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RunstateError, messageOf } from '../../../errors/index.ts';
import { systemFailure } from '../system-error.ts';

/** What this platform must know of a checkpoint beside the images of its containers. */
export interface Saved {
  /** There were TCP connections, whose ends must not hear of each other before all are there. */
  readonly connected: boolean;
}

const fileOf = (directory: string): string => join(directory, 'linux.json');

/** Where a container's images lie in the directory of a checkpoint. */
export const imagesOf = (directory: string, cid: string): string => join(directory, cid, 'images');

/** @throws RunstateError SYSTEM */
export function writeSaved(directory: string, saved: Saved): void {
  try {
    writeFileSync(fileOf(directory), JSON.stringify(saved));
  } catch (error) {
    throw systemFailure('write', fileOf(directory), error);
  }
}

/** @throws RunstateError RESTORE_FAILED when it is missing or says something else */
export function readSaved(directory: string): Saved {
  try {
    const value: unknown = JSON.parse(readFileSync(fileOf(directory), 'utf8'));
    if (typeof value === 'object' && value !== null && 'connected' in value)
      return { connected: value.connected === true };
    throw new Error('it is of another kind');
  } catch (error) {
    const why = `what was saved cannot be read: ${messageOf(error)}`;
    throw new RunstateError('RESTORE_FAILED', { phase: 'read', cause: why, lines: '' }, { cause: error });
  }
}
