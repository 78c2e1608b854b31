import type { WireValue } from '../codec/index.ts';
import {
  list,
  oneOf,
  optional,
  record,
  string,
  struct,
  uint32,
  uint64,
  type Decoder,
} from '../decode/index.ts';
import { nothing } from './common.ts';
import type { MethodFamily } from './method.ts';
import type { EventOut, StatsEvent, WireBlkio, WireMemory, WireStats } from './types.ts';

const memory = struct<WireMemory>({
  limit: uint64,
  usage: optional(uint64),
  max: optional(uint64),
  failcnt: uint64,
});

const blkio = list(
  struct<WireBlkio>({ major: uint32, minor: uint32, op: oneOf('Read', 'Write'), value: uint64 }),
);

export const wireStats: Decoder<WireStats> = struct<WireStats>({
  cpu: struct<WireStats['cpu']>({
    usage: struct<WireStats['cpu']['usage']>({ total: uint64, kernel: uint64, user: uint64 }),
    throttling: struct<WireStats['cpu']['throttling']>({
      periods: uint64,
      throttledPeriods: uint64,
      throttledTime: uint64,
    }),
  }),
  memory: struct<WireStats['memory']>({
    cache: uint64,
    usage: memory,
    swap: memory,
    kernel: memory,
    kernelTCP: memory,
    raw: record(uint64),
  }),
  pids: struct<WireStats['pids']>({ current: optional(uint64), limit: optional(uint64) }),
  blkio: struct<WireStats['blkio']>({ ioServiceBytesRecursive: blkio, ioServicedRecursive: blkio }),
});

const statsEvent = { type: oneOf('stats'), id: string, data: wireStats };

/** The original takes null, our own clients may name a container. */
const cidOrNothing: Decoder<string | null> = {
  zero: () => null,
  decode: (value: WireValue) => (typeof value === 'string' ? string.decode(value) : nothing.decode(value)),
};

export const stats: MethodFamily<'containerManager.Event'> = {
  'containerManager.Event': {
    again: true,
    about: "Gives a container's counters as runc's `events --stats` does.",
    arg: cidOrNothing,
    result: struct<EventOut>({
      ...statsEvent,
      event: struct<StatsEvent>(statsEvent),
      containerUsage: record(uint64),
    }),
  },
};
