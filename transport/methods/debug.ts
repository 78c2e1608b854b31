/** Looking inside. */
import { RunstateError } from '../../errors/index.ts';
import { boolean, int, int32, list, record, string, struct, uint32, uint64 } from '../decode/index.ts';
import { nothing } from './common.ts';
import type { LoggingArgs, ReadFileArgs, WireProcfsDump } from './debug-types.ts';
import type { MethodFamily } from './method.ts';

const ids = struct<WireProcfsDump['status']['uid']>({ real: uint32, effective: uint32, saved: uint32 });

const procfsDump = struct<WireProcfsDump>({
  exe: string,
  args: list(string),
  env: list(string),
  cwd: string,
  fdlist: list(struct<WireProcfsDump['fdlist'][number]>({ number: int32, path: string, mode: uint32 })),
  clone_ts: uint64,
  root: string,
  limits: record(struct<WireProcfsDump['limits'][string]>({ cur: uint64, max: uint64 })),
  cgroup: list(
    struct<WireProcfsDump['cgroup'][number]>({ hierarchy_id: uint32, controllers: string, path: string }),
  ),
  status: struct<WireProcfsDump['status']>({
    comm: string,
    pid: int32,
    ppid: int32,
    uid: ids,
    gid: ids,
    vm_size: uint64,
    vm_rss: uint64,
  }),
  stat: struct<WireProcfsDump['stat']>({ pgid: int32, sid: int32 }),
  container: string,
});

export const debug: MethodFamily<
  'debug.Stacks' | 'Logging.Change' | 'containerManager.ProcfsDump' | 'Fs.Read'
> = {
  'debug.Stacks': {
    again: true,
    about:
      'Tells where everything stands: charts, calls under way, stacks of the supervisor and the containers.',
    arg: nothing,
    result: string,
  },
  'Logging.Change': {
    about: "Changes the log's level, and whether system calls are logged.",
    arg: struct<LoggingArgs>({
      SetLevel: boolean,
      Level: string,
      SetLogPackets: boolean,
      LogPackets: boolean,
      SetStrace: boolean,
      EnableStrace: boolean,
      StraceWhitelist: list(string),
      StraceAllowlist: list(string),
      SetEventStrace: boolean,
      StraceEventWhitelist: list(string),
      StraceEventAllowlist: list(string),
    }),
    result: int,
  },
  'containerManager.ProcfsDump': {
    about: 'Tells what the kernel knows of all processes.',
    arg: nothing,
    result: list(procfsDump),
  },
  'Fs.Read': {
    about: 'Copies a file out of a container; files: where to. Gives how many bytes it has.',
    arg: struct<ReadFileArgs>({ CID: string, path: string }),
    result: int,
    files: { least: 1, most: 1 },
    check: (_, files) => {
      if (files === 0) throw new RunstateError('FILES', { what: 'no output file provided' });
    },
    waits: true,
  },
};
