import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { RunstateError, messageOf } from '../../../errors/index.ts';
import { systemFailure } from '../system-error.ts';

const pid = v.pipe(v.number(), v.integer(), v.minValue(1));

const saved = v.object({
  connected: v.boolean(),
  roots: v.optional(v.array(v.string()), []),
  boot: v.optional(v.string()),
  containers: v.record(
    v.string(),
    v.object({
      helper: v.optional(v.string()),
      program: v.optional(pid),
      streams: v.optional(
        v.array(v.nullable(v.pipe(v.string(), v.regex(/^(?:file|tty)\[[0-9a-f]+:[0-9a-f]+\]$/)))),
      ),
    }),
  ),
});

/** What this platform must know of a checkpoint beside the images of its containers. */
export interface Saved {
  /** There were TCP connections, whose ends must not hear of each other before all are there. */
  readonly connected: boolean;
  /** Paths of root file systems that went with the sandbox, whose archives are in the checkpoint (own-roots.ts). */
  readonly roots: readonly string[];
  readonly containers: Readonly<Record<string, SavedInit>>;
  /** The start of the machine whose clocks its processes had; undefined where they had clocks of their own. */
  readonly boot?: string | undefined;
}

/** Of a container's beginning. */
export interface SavedInit {
  /** Where the container sees runstate-init, if that is its pid 1. */
  readonly helper?: string | undefined;
  /** The program that it has started, by its pid in the container's own numbering. */
  readonly program?: number | undefined;
  /** What its standard streams were that lay outside (outside-streams.ts), by their numbers. */
  readonly streams?: readonly (string | null)[] | undefined;
}

const fileOf = (directory: string): string => join(directory, 'linux.json');

/** Where a container's images lie in the directory of a checkpoint. */
export const imagesOf = (directory: string, cid: string): string => join(directory, cid, 'images');

/** Where what a container has written above its root lies, if it has an overlay. */
export const layerArchiveOf = (directory: string, cid: string): string => join(directory, cid, 'upper.tar');

/** @throws RunstateError SYSTEM */
export function writeSaved(directory: string, what: Saved): void {
  try {
    writeFileSync(fileOf(directory), JSON.stringify(what));
  } catch (error) {
    throw systemFailure('write', fileOf(directory), error);
  }
}

/** @throws RunstateError RESTORE_FAILED when it is missing or says something else */
export function readSaved(directory: string): Saved {
  try {
    return v.parse(saved, JSON.parse(readFileSync(fileOf(directory), 'utf8')));
  } catch (error) {
    const why = `what was saved cannot be read: ${messageOf(error)}`;
    throw new RunstateError('RESTORE_FAILED', { phase: 'read', cause: why, lines: '' }, { cause: error });
  }
}
