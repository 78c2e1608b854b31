import type { BlockDeviceStats, ContainerStats } from '../../platform.ts';
import { Counters } from './counters.ts';
import type { CgroupLayout } from './layout.ts';
import { controllerDirectory } from './paths.ts';

/** Reads a container's counters from cgroup v1's files (Documentation/admin-guide/cgroup-v1 of Linux). */
export async function statsV1(layout: CgroupLayout, path: string): Promise<ContainerStats> {
  const of = (controller: string) => new Counters(controllerDirectory(layout, controller, path));
  const [cpu, memory, pids, blkio] = await Promise.all([
    cpuStats(of('cpuacct'), of('cpu')),
    memoryStats(of('memory')),
    pidsStats(of('pids')),
    blkioStats(of('blkio')),
  ]);
  return { cpu, memory, pids, blkio };
}

async function cpuStats(cpuacct: Counters, cpu: Counters): Promise<ContainerStats['cpu']> {
  const [usage, user, kernel, throttling] = await Promise.all([
    cpuacct.number('cpuacct.usage'),
    cpuacct.number('cpuacct.usage_user'),
    cpuacct.number('cpuacct.usage_sys'),
    cpu.table('cpu.stat'),
  ]);
  return {
    usage: usage ?? 0n,
    user: user ?? 0n,
    kernel: kernel ?? 0n,
    throttledTime: throttling.get('throttled_time') ?? 0n,
    throttledPeriods: throttling.get('nr_throttled') ?? 0n,
    periods: throttling.get('nr_periods') ?? 0n,
  };
}

async function memoryStats(memory: Counters): Promise<ContainerStats['memory']> {
  const [usage, limit, maxUsage, failcnt, stat, swapUsage, swapLimit, kernel, kernelTcp, oom] =
    await Promise.all([
      memory.number('memory.usage_in_bytes'),
      memory.number('memory.limit_in_bytes'),
      memory.number('memory.max_usage_in_bytes'),
      memory.number('memory.failcnt'),
      memory.table('memory.stat'),
      memory.number('memory.memsw.usage_in_bytes'),
      memory.number('memory.memsw.limit_in_bytes'),
      memory.number('memory.kmem.usage_in_bytes'),
      memory.number('memory.kmem.tcp.usage_in_bytes'),
      memory.table('memory.oom_control'),
    ]);
  return {
    usage: usage ?? 0n,
    limit,
    maxUsage,
    failcnt: failcnt ?? 0n,
    cache: stat.get('total_cache') ?? 0n,
    rss: stat.get('total_rss') ?? 0n,
    // v1 counts memory and swap together.
    swap: stat.get('total_swap') ?? (swapUsage === undefined ? 0n : positive(swapUsage - (usage ?? 0n))),
    swapLimit,
    kernel: kernel ?? 0n,
    kernelTcp: kernelTcp ?? 0n,
    oomKills: oom.get('oom_kill') ?? 0n,
  };
}

async function pidsStats(pids: Counters): Promise<ContainerStats['pids']> {
  const [current, limit] = await Promise.all([pids.number('pids.current'), pids.number('pids.max')]);
  return { current: current ?? 0n, limit };
}

async function blkioStats(blkio: Counters): Promise<readonly BlockDeviceStats[]> {
  const [bytes, operations] = await Promise.all([
    blkio.text('blkio.throttle.io_service_bytes_recursive'),
    blkio.text('blkio.throttle.io_serviced_recursive'),
  ]);
  const devices = new Map<string, Record<string, bigint>>();
  const enter = (text: string | undefined, suffix: string): void => {
    for (const [, device, operation, value] of (text ?? '').matchAll(/^(\d+:\d+) (Read|Write) (\d+)$/gm)) {
      const counters = devices.get(device ?? '') ?? {};
      counters[`${operation ?? ''}${suffix}`] = BigInt(value ?? 0);
      devices.set(device ?? '', counters);
    }
  };
  enter(bytes, 'Bytes');
  enter(operations, 'Ops');
  return [...devices].map(([device, counters]) => ({
    major: Number(device.split(':')[0]),
    minor: Number(device.split(':')[1]),
    readBytes: counters.ReadBytes ?? 0n,
    writeBytes: counters.WriteBytes ?? 0n,
    readOps: counters.ReadOps ?? 0n,
    writeOps: counters.WriteOps ?? 0n,
  }));
}

const positive = (value: bigint): bigint => (value < 0n ? 0n : value);
