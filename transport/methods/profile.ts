/** Profiles of the supervisor's process. */
import { RunstateError } from '../../errors/index.ts';
import { int64, string, struct } from '../decode/index.ts';
import { nothing } from './common.ts';
import type { HeapArgs, ProfileArgs, TimedProfileArgs } from './debug-types.ts';
import type { MethodFamily } from './method.ts';

/** In the original's words. */
const needsFile = (_: unknown, files: number): void => {
  if (files === 0) throw new RunstateError('FILES', { what: 'no output file provided' });
};

const one = { least: 1, most: 1 };
const profileArgs = struct<ProfileArgs>({ path: string });
const timed = struct<TimedProfileArgs>({ duration: int64 });

export const profile: MethodFamily<
  | 'Profile.StartCPUProfile'
  | 'Profile.StopCPUProfile'
  | 'Profile.HeapProfile'
  | 'Profile.StartTrace'
  | 'Profile.StopTrace'
  | 'Profile.CPU'
  | 'Profile.Heap'
  | 'Profile.Trace'
> = {
  'Profile.StartCPUProfile': {
    about: "Begins a profile of the supervisor's processor time; files: where it goes, in pprof's format.",
    arg: profileArgs,
    result: nothing,
    files: one,
    check: needsFile,
  },
  'Profile.StopCPUProfile': { about: 'Ends and writes it.', arg: nothing, result: nothing },
  'Profile.HeapProfile': {
    about: "Writes what lives on the supervisor's heap; files: where it goes, in pprof's format.",
    arg: profileArgs,
    result: nothing,
    files: one,
    check: needsFile,
  },
  'Profile.StartTrace': {
    about: "Begins a trace of the supervisor; files: where it goes, in Chromium's Trace Event Format.",
    arg: profileArgs,
    result: nothing,
    files: one,
    check: needsFile,
  },
  'Profile.StopTrace': { about: 'Ends and writes it.', arg: nothing, result: nothing },
  'Profile.CPU': {
    about: 'Takes a processor profile for so many nanoseconds; files: where it goes.',
    arg: timed,
    result: nothing,
    files: one,
    check: needsFile,
    waits: true,
  },
  'Profile.Heap': {
    about: 'Takes a heap profile after so many nanoseconds; files: where it goes.',
    arg: struct<HeapArgs>({ delay: int64 }),
    result: nothing,
    files: one,
    check: needsFile,
    waits: true,
  },
  'Profile.Trace': {
    about: 'Takes a trace for so many nanoseconds; files: where it goes.',
    arg: timed,
    result: nothing,
    files: one,
    check: needsFile,
    waits: true,
  },
};
