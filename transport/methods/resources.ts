/** What is used, and the cgroups that limit it. */
import { boolean, list, string, struct, uint64 } from '../decode/index.ts';
import type {
  ControlFileName,
  ControlFilesReadArgs,
  ControlFilesResult,
  ControlFilesWriteArgs,
  MemoryUsage,
  MetricsArgs,
  MetricsResult,
} from './debug-types.ts';
import type { MethodFamily } from './method.ts';

const file = struct<ControlFileName>({ controller: string, path: string, name: string });
const results = struct<ControlFilesResult>({
  results: list(struct<ControlFilesResult['results'][number]>({ value: string, is_error: boolean })),
});

export const resources: MethodFamily<
  'Usage.Collect' | 'Metrics.Export' | 'Cgroups.ReadControlFiles' | 'Cgroups.WriteControlFiles'
> = {
  'Usage.Collect': {
    again: true,
    about: 'Gives the memory that all containers use together; with Full by what it is used for.',
    arg: struct<{ readonly Full: boolean }>({ Full: boolean }),
    result: struct<MemoryUsage>({
      Unknown: uint64,
      System: uint64,
      Anonymous: uint64,
      PageCache: uint64,
      Mapped: uint64,
      Tmpfs: uint64,
      Ramdiskfs: uint64,
      Total: uint64,
    }),
  },
  'Metrics.Export': {
    about: "Gives the sandbox's metrics in Prometheus' text format.",
    arg: struct<MetricsArgs>({ only_metrics: string }),
    result: struct<MetricsResult>({ text: string }),
  },
  'Cgroups.ReadControlFiles': {
    about: "Reads files of a container's cgroups.",
    arg: struct<ControlFilesReadArgs>({
      CID: string,
      args: list(struct<ControlFilesReadArgs['args'][number]>({ file })),
    }),
    result: results,
  },
  'Cgroups.WriteControlFiles': {
    about: "Writes files of a container's cgroups.",
    arg: struct<ControlFilesWriteArgs>({
      CID: string,
      args: list(struct<ControlFilesWriteArgs['args'][number]>({ file, value: string })),
    }),
    result: results,
  },
};
