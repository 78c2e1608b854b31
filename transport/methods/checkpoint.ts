/** Saving a sandbox to a file, and making it from one. */
import { RunstateError } from '../../errors/index.ts';
import {
  boolean,
  bytes,
  decoder,
  nullable,
  oneOf,
  record,
  string,
  struct,
  type Decoder,
} from '../decode/index.ts';
import type { CheckpointArgs, RestoreArgs, SeedRestoreArgs } from './checkpoint-types.ts';
import { nothing } from './common.ts';
import type { MethodFamily } from './method.ts';
import { containerSpec } from './spec.ts';

/** One of some words, or none. */
const word = <const T extends string>(...allowed: readonly T[]): Decoder<T | ''> => {
  const some = oneOf<T | ''>('', ...allowed);
  return decoder<T | ''>(
    () => '',
    (value) => some.decode(value),
  );
};

const filesError = (what: string): RunstateError => new RunstateError('FILES', { what });

export const checkpoint: MethodFamily<
  'containerManager.Checkpoint' | 'containerManager.Restore' | 'runstate.Restore'
> = {
  'containerManager.Checkpoint': {
    about: 'Saves the whole sandbox; files: where to, and optionally one that takes lines of progress.',
    arg: struct<CheckpointArgs>({
      key: bytes,
      metadata: record(string),
      LeaveRunning: boolean,
      Compression: word('none', 'gzip'),
      Exec: word('refuse', 'kill'),
    }),
    result: nothing,
    files: { least: 1, most: 2 },
    // The original's words, of its state.SaveOpts.
    check: (_, files) => {
      if (files === 0) throw filesError('at least one file must be passed to Checkpoint');
    },
    waits: true,
  },
  'containerManager.Restore': {
    about: 'Makes the sandbox from a file; files: the statefile, and optionally a device that is not used.',
    arg: struct<SeedRestoreArgs>({ SandboxID: string, Key: bytes, Hold: boolean }),
    result: nothing,
    files: { least: 1, most: 2 },
    // The original's order and words.
    check: (_, files) => {
      if (files === 0) throw filesError('at least one file must be passed to Restore');
      if (files > 2) throw filesError('at most two files may be passed to Restore');
    },
    waits: true,
  },
  'runstate.Restore': {
    about:
      'As Restore; files: the statefile, with Progress one for that, then stdin, stdout, stderr of the root.',
    arg: struct<RestoreArgs>({
      Key: bytes,
      Hold: boolean,
      Names: record(string),
      Root: nullable(struct({ Bundle: string, Spec: containerSpec })),
      ConsoleSocket: string,
      Progress: boolean,
    }),
    result: nothing,
    files: { least: 1, most: 5 },
    waits: true,
  },
};
