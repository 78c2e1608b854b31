import { readAllStats, readStats } from '../../actors/operations/inspect-container.ts';
import type { SandboxSystem } from '../../actors/sandbox/sandbox-system.ts';
import type { BlockDeviceStats, ContainerStats } from '../../platforms/platform.ts';
import type { EventOut, WireBlkio, WireMemory, WireStats } from '../methods/index.ts';
import type { Call, Handlers } from '../server/index.ts';
import { actorCall } from './call.ts';

/** The counters of containers, in the shape of runc's `events --stats`. */
export function statsHandlers(system: SandboxSystem): Handlers {
  return {
    'containerManager.Event': async (cid, call) => {
      const id = cid ?? '';
      const stats = await readStats(system, id === '' ? system.id : id, actorCall(call));
      const event = { type: 'stats', id, data: wireStats(stats) } as const;
      return { ...event, event, containerUsage: await processorTimes(system, call) };
    },
    'runstate.Stats': async ({ CID }, call) => wireStats(await readStats(system, CID, actorCall(call))),
  };
}

/** Of all containers that have processes. */
async function processorTimes(system: SandboxSystem, call: Call): Promise<EventOut['containerUsage']> {
  const all = await readAllStats(system, actorCall(call));
  return Object.fromEntries([...all].map(([cid, { cpu }]) => [cid, cpu.usage]));
}

/** What was not to be had is left out, or 0 where clients of the original need a number. */
function wireStats({ cpu, memory, pids, blkio }: ContainerStats): WireStats {
  return {
    cpu: {
      usage: { total: cpu.usage, kernel: cpu.kernel, user: cpu.user },
      throttling: {
        periods: cpu.periods,
        throttledPeriods: cpu.throttledPeriods,
        throttledTime: cpu.throttledTime,
      },
    },
    memory: {
      cache: memory.cache,
      usage: {
        limit: memory.limit ?? 0n,
        usage: memory.usage,
        ...(memory.maxUsage === undefined ? {} : { max: memory.maxUsage }),
        failcnt: memory.failcnt,
      },
      swap: counter(memory.swap, memory.swapLimit),
      kernel: counter(memory.kernel, undefined),
      kernelTCP: counter(memory.kernelTcp, undefined),
      raw: { cache: memory.cache, rss: memory.rss, oom_kill: memory.oomKills },
    },
    pids: { current: pids.current, ...(pids.limit === undefined ? {} : { limit: pids.limit }) },
    blkio: {
      ioServiceBytesRecursive: blkio.flatMap((one) => readAndWrite(one, one.readBytes, one.writeBytes)),
      ioServicedRecursive: blkio.flatMap((one) => readAndWrite(one, one.readOps, one.writeOps)),
    },
  };
}

const counter = (usage: bigint, limit: bigint | undefined): WireMemory => ({
  limit: limit ?? 0n,
  usage,
  failcnt: 0n,
});

function readAndWrite({ major, minor }: BlockDeviceStats, read: bigint, write: bigint): WireBlkio[] {
  return [
    { major, minor, op: 'Read', value: read },
    { major, minor, op: 'Write', value: write },
  ];
}
