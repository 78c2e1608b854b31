import { boolean, int, int32, list, nullable, string, struct, uint32, uint64 } from '../decode/index.ts';
import { nothing } from './common.ts';
import type { MethodFamily } from './method.ts';
import type { CapabilitySets, ExecArgs, SignalArgs, WaitPidArgs, WireProcess } from './types.ts';

const capabilitySets = struct<CapabilitySets>({
  PermittedCaps: uint64,
  InheritableCaps: uint64,
  EffectiveCaps: uint64,
  BoundingCaps: uint64,
  AmbientCaps: uint64,
});

const execArgs = struct<ExecArgs>({
  filename: string,
  argv: list(string),
  envv: list(string),
  wd: string,
  KUID: uint32,
  KGID: uint32,
  ExtraKGIDs: list(uint32),
  Capabilities: nullable(capabilitySets),
  StdioIsPty: boolean,
  ContainerID: string,
});

const signalArgs = struct<SignalArgs>({ CID: string, Signo: int32, PID: int32, Mode: int });

const wireProcess = struct<WireProcess>({
  uid: uint32,
  pid: int32,
  ppid: int32,
  c: int32,
  stime: string,
  time: string,
  cmd: string,
  threads: list(int32),
  tty: string,
});

export const processes: MethodFamily<
  | 'containerManager.ExecuteAsync'
  | 'containerManager.Wait'
  | 'containerManager.WaitPID'
  | 'containerManager.Signal'
  | 'containerManager.SignalProcess'
  | 'containerManager.Processes'
> = {
  'containerManager.ExecuteAsync': {
    about: 'Runs a command in a container; files: its descriptors from 0. Gives its pid there.',
    arg: execArgs,
    result: int32,
    files: { least: 0, most: 128 },
  },
  'containerManager.Wait': {
    again: true,
    about: 'Waits for the init of a container; gives its wait status.',
    arg: string,
    result: uint32,
    waits: true,
  },
  'containerManager.WaitPID': {
    again: true,
    about: 'Waits for a process of a container; gives its wait status.',
    arg: struct<WaitPidArgs>({ PID: int32, CID: string }),
    result: uint32,
    waits: true,
  },
  'containerManager.Signal': {
    about: 'Signals a process, all processes, or the foreground group of a container.',
    arg: signalArgs,
    result: nothing,
  },
  'containerManager.SignalProcess': {
    about: 'The older name of Signal.',
    arg: signalArgs,
    result: nothing,
  },
  'containerManager.Processes': {
    again: true,
    about: 'Lists the processes of a container; of all of them for "".',
    arg: string,
    result: list(wireProcess),
  },
};
