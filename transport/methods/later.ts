/** What later releases of the original call the same things. */
import { int, string } from '../decode/index.ts';
import { cidArgs, nothing } from './common.ts';
import { needsStartFiles, startArgs } from './lifecycle.ts';
import type { MethodFamily } from './method.ts';

export const later: MethodFamily<
  | 'containerManager.CreateSubcontainer'
  | 'containerManager.StartSubcontainer'
  | 'containerManager.DestroySubcontainer'
  | 'Lifecycle.Pause'
  | 'Lifecycle.Resume'
  | 'containerManager.ContainerRuntimeState'
  | 'containerManager.WaitCheckpoint'
  | 'containerManager.WaitRestore'
> = {
  'containerManager.CreateSubcontainer': {
    about: 'The later name of Create; a file, its terminal, is refused.',
    arg: cidArgs,
    result: nothing,
    files: { least: 0, most: 1 },
  },
  'containerManager.StartSubcontainer': {
    about: 'The later name of Start; files as there.',
    arg: startArgs,
    result: nothing,
    files: { least: 4, most: 128 },
    check: needsStartFiles,
  },
  'containerManager.DestroySubcontainer': {
    about: 'The later name of Destroy.',
    arg: string,
    result: nothing,
  },
  'Lifecycle.Pause': { about: 'The later name of Pause.', arg: nothing, result: nothing },
  'Lifecycle.Resume': { about: 'The later name of Resume.', arg: nothing, result: nothing },
  'containerManager.ContainerRuntimeState': {
    again: true,
    about: 'Tells where a container is: 0 nowhere, 1 created, 2 running, 3 stopped.',
    arg: string,
    result: int,
  },
  'containerManager.WaitCheckpoint': {
    about: 'Waits for the next checkpoint to be done.',
    arg: nothing,
    result: nothing,
    waits: true,
  },
  'containerManager.WaitRestore': {
    about: 'Waits until no restore is under way.',
    arg: nothing,
    result: nothing,
    waits: true,
  },
};
