import type { BlockDeviceStats, ContainerStats } from '../../platform.ts';
import { Counters } from './counters.ts';
import type { CgroupLayout } from './layout.ts';
import { controllerDirectory } from './paths.ts';

const nanosecondsPerMicrosecond = 1000n;

/** Reads a container's counters from cgroup v2's files (Documentation/admin-guide/cgroup-v2.rst of Linux). */
export async function statsV2(layout: CgroupLayout, path: string): Promise<ContainerStats> {
  const files = new Counters(controllerDirectory(layout, '', path));
  const [cpu, memory, pids, io] = await Promise.all([
    files.table('cpu.stat'),
    memoryStats(files),
    Promise.all([files.number('pids.current'), files.number('pids.max')]),
    files.text('io.stat'),
  ]);
  const time = (name: string): bigint => (cpu.get(name) ?? 0n) * nanosecondsPerMicrosecond;
  return {
    cpu: {
      usage: time('usage_usec'),
      user: time('user_usec'),
      kernel: time('system_usec'),
      throttledTime: time('throttled_usec'),
      throttledPeriods: cpu.get('nr_throttled') ?? 0n,
      periods: cpu.get('nr_periods') ?? 0n,
    },
    memory,
    pids: { current: pids[0] ?? 0n, limit: pids[1] },
    blkio: (io ?? '').split('\n').flatMap(blockDevice),
  };
}

async function memoryStats(files: Counters): Promise<ContainerStats['memory']> {
  const [usage, limit, peak, stat, events, swap, swapLimit] = await Promise.all([
    files.number('memory.current'),
    files.number('memory.max'),
    files.number('memory.peak'),
    files.table('memory.stat'),
    files.table('memory.events'),
    files.number('memory.swap.current'),
    files.number('memory.swap.max'),
  ]);
  return {
    usage: usage ?? 0n,
    limit,
    maxUsage: peak,
    failcnt: events.get('max') ?? 0n,
    cache: stat.get('file') ?? 0n,
    rss: stat.get('anon') ?? 0n,
    swap: swap ?? 0n,
    swapLimit,
    kernel: stat.get('kernel') ?? 0n,
    kernelTcp: stat.get('sock') ?? 0n,
    oomKills: events.get('oom_kill') ?? 0n,
  };
}

/** `8:0 rbytes=1 wbytes=2 rios=3 wios=4 …` */
function blockDevice(line: string): BlockDeviceStats[] {
  const found = /^(\d+):(\d+) (.*)$/.exec(line);
  if (found === null) return [];
  const value = (name: string): bigint =>
    BigInt(new RegExp(`(?:^| )${name}=(\\d+)`).exec(found[3] ?? '')?.[1] ?? 0);
  return [
    {
      major: Number(found[1]),
      minor: Number(found[2]),
      readBytes: value('rbytes'),
      writeBytes: value('wbytes'),
      readOps: value('rios'),
      writeOps: value('wios'),
    },
  ];
}
