/** runstate's own methods. */
import {
  boolean,
  int,
  int32,
  list,
  oneOf,
  optional,
  record,
  string,
  struct,
  uint32,
} from '../decode/index.ts';
import { cidArgs, nothing } from './common.ts';
import type { MethodFamily } from './method.ts';
import { containerSpec, processSpec } from './spec.ts';
import { wireStats } from './stats.ts';
import type { ContainerState, CreateArgs, ExecuteArgs, ExecuteResult } from './types.ts';

const containerState = struct<ContainerState>({
  ociVersion: string,
  id: string,
  status: oneOf('creating', 'created', 'running', 'paused', 'stopped'),
  pid: int32,
  bundle: string,
  annotations: optional(record(string)),
  chart: string,
  sandbox: string,
  created: string,
  exitStatus: optional(uint32),
  oomKills: int,
});

const anyFiles = { least: 0, most: 128 };

export const runstate: MethodFamily<
  | 'runstate.Create'
  | 'runstate.Start'
  | 'runstate.Execute'
  | 'runstate.State'
  | 'runstate.List'
  | 'runstate.PauseContainer'
  | 'runstate.ResumeContainer'
  | 'runstate.Stats'
  | 'runstate.WaitOom'
> = {
  'runstate.Create': {
    about: 'Makes a container from a bundle; files: stdin, stdout, stderr, then any more.',
    arg: struct<CreateArgs>({
      CID: string,
      Bundle: string,
      Spec: containerSpec,
      ConsoleSocket: string,
      NoPivot: boolean,
      NoNewKeyring: boolean,
      Init: optional(oneOf('runstate', 'none')),
      Overlay: optional(oneOf('memory', 'disk', 'none')),
      OverlaySize: optional(int),
    }),
    result: containerState,
    files: anyFiles,
  },
  'runstate.Start': { about: 'Runs the program of a created container.', arg: cidArgs, result: nothing },
  'runstate.Execute': {
    about: 'Runs another process in a container; files: stdin, stdout, stderr, then any more.',
    arg: struct<ExecuteArgs>({ CID: string, Process: processSpec, ConsoleSocket: string }),
    result: struct<ExecuteResult>({ PID: int32, HostPID: int32 }),
    files: anyFiles,
  },
  'runstate.State': {
    again: true,
    about: "Gives a container's state document.",
    arg: cidArgs,
    result: containerState,
  },
  'runstate.List': {
    again: true,
    about: 'Lists the containers of the sandbox, the root first.',
    arg: nothing,
    result: list(containerState),
  },
  'runstate.PauseContainer': { about: 'Freezes one container.', arg: cidArgs, result: nothing },
  'runstate.ResumeContainer': { about: 'Undoes PauseContainer.', arg: cidArgs, result: nothing },
  'runstate.Stats': { again: true, about: "Gives a container's counters.", arg: cidArgs, result: wireStats },
  'runstate.WaitOom': {
    again: true,
    about: 'Waits for the next out-of-memory kill in a container.',
    arg: struct<{ readonly CID: string; readonly Seen: number }>({ CID: string, Seen: int }),
    result: int,
    waits: true,
  },
};
