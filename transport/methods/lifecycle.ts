import { RunstateError } from '../../errors/index.ts';
import { jsonObject, map, nullable, string, struct, type Decoder } from '../decode/index.ts';
import { nothing } from './common.ts';
import type { MethodFamily } from './method.ts';
import { containerSpec } from './spec.ts';
import type { StartArgs } from './types.ts';

const missing = (what: string): RunstateError => new RunstateError('MISSING_ARGUMENT', { what });

/** The original's order and words. */
export const startArgs: Decoder<StartArgs> = map(
  struct({ Spec: nullable(containerSpec), Conf: nullable(jsonObject), CID: string }),
  ({ Spec, Conf, CID }): StartArgs => {
    if (Spec === null) throw missing('start arguments missing spec');
    if (Conf === null) throw missing('start arguments missing config');
    if (CID === '') throw missing('start argument missing container ID');
    return { Spec, Conf, CID };
  },
);

/** The original's check and words. @throws RunstateError FILES */
export function needsStartFiles(_: StartArgs, files: number): void {
  if (files >= 4) return;
  throw new RunstateError('FILES', {
    what: 'start arguments must contain stdin, stderr, and stdout followed by at least one file for the container root gofer',
  });
}

export const lifecycle: MethodFamily<
  | 'containerManager.Create'
  | 'containerManager.StartRoot'
  | 'containerManager.Start'
  | 'containerManager.Destroy'
  | 'containerManager.Pause'
  | 'containerManager.Resume'
> = {
  'containerManager.Create': {
    about: 'Registers a sub-container, to be started by Start.',
    arg: string,
    result: nothing,
  },
  'containerManager.StartRoot': { about: 'Starts the root container.', arg: string, result: nothing },
  'containerManager.Start': {
    about: 'Starts a registered sub-container; files: stdin, stdout, stderr, root, then one per bind mount.',
    arg: startArgs,
    result: nothing,
    files: { least: 4, most: 128 },
    check: needsStartFiles,
  },
  'containerManager.Destroy': {
    about: 'Kills a container, waits for its processes and removes it.',
    arg: string,
    result: nothing,
  },
  'containerManager.Pause': {
    about: 'Freezes the whole sandbox at one instant.',
    arg: nothing,
    result: nothing,
  },
  'containerManager.Resume': { about: 'Undoes Pause.', arg: nothing, result: nothing },
};
