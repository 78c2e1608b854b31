import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { RunstateError, messageOf } from '../../errors/index.ts';

const savedProcess = v.object({
  pid: v.number(),
  ppid: v.number(),
  uid: v.number(),
  args: v.pipe(v.array(v.string()), v.readonly()),
  /** Milliseconds until it ends by itself; without it: never. */
  left: v.optional(v.number()),
});
const schema = v.record(v.string(), v.array(savedProcess));

export type SavedProcess = Readonly<v.InferOutput<typeof savedProcess>>;

/** The processes of each started container, by its id. */
export type Saved = Readonly<Record<string, readonly SavedProcess[]>>;

const fileOf = (directory: string): string => join(directory, 'memory.json');

/** @throws RunstateError CHECKPOINT_FAILED */
export function writeSaved(directory: string, saved: Saved): void {
  try {
    writeFileSync(fileOf(directory), JSON.stringify(saved));
  } catch (error) {
    throw new RunstateError(
      'CHECKPOINT_FAILED',
      { phase: 'write', cause: messageOf(error), lines: '' },
      { cause: error },
    );
  }
}

/** @throws RunstateError RESTORE_FAILED when it is missing or says something else */
export function readSaved(directory: string): Saved {
  try {
    return v.parse(schema, JSON.parse(readFileSync(fileOf(directory), 'utf8')));
  } catch (error) {
    const why = `what was saved cannot be read: ${messageOf(error)}`;
    throw new RunstateError('RESTORE_FAILED', { phase: 'read', cause: why, lines: '' }, { cause: error });
  }
}
