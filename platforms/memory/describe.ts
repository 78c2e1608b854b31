import type { ContainerStats, ProcessInfo } from '../platform.ts';
import { startTime } from '../start-time.ts';
import type { MemoryContainer } from './memory-container.ts';

/** Processes as a list shows them. They use no processor time, having no instructions. */
export function processInfos({ processes }: MemoryContainer): readonly ProcessInfo[] {
  const now = new Date();
  return processes
    .map(({ uid, pid, ppid, program, startedAt }): ProcessInfo => {
      const command = program.args[0] ?? '';
      const cmd = command.slice(command.lastIndexOf('/') + 1);
      return {
        uid,
        pid,
        ppid,
        c: 0,
        stime: startTime(startedAt, now),
        time: '0s',
        cmd,
        threads: [pid],
        tty: '?',
      };
    })
    .sort((a, b) => a.pid - b.pid);
}

/** Nothing is used but pids; limits are those of the spec, though only told. */
export function stats({ processes, oomKills, made }: MemoryContainer): ContainerStats {
  const { memory, pids } = made.spec.linux?.resources ?? {};
  return {
    cpu: { usage: 0n, user: 0n, kernel: 0n, throttledTime: 0n, throttledPeriods: 0n, periods: 0n },
    memory: {
      ...{ usage: 0n, maxUsage: 0n, failcnt: 0n, cache: 0n, rss: 0n, swap: 0n, kernel: 0n, kernelTcp: 0n },
      limit: limit(memory?.limit),
      swapLimit: limit(memory?.swap),
      oomKills: BigInt(oomKills),
    },
    pids: { current: BigInt(processes.length), limit: limit(pids?.limit) },
    blkio: [],
  };
}

/** OCI: -1 (and for pids 0) is none. */
function limit(value: number | bigint | undefined): bigint | undefined {
  return value === undefined || value <= 0 ? undefined : BigInt(value);
}
