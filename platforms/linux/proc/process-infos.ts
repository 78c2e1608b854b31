import type { ProcessInfo } from '../../platform.ts';
import { startTime } from '../../start-time.ts';
import { goDuration } from './go-duration.ts';
import {
  readStat,
  readStatus,
  readThreads,
  ticksPerSecond,
  type ProcessStat,
  type ProcessStatus,
} from './stat.ts';
import { bootTime } from './boot-time.ts';

interface Seen {
  readonly hostPid: number;
  readonly stat: ProcessStat;
  readonly status: ProcessStatus;
  readonly threads: readonly number[];
}

/**
 * Describes processes as the original's `Processes` does (gVisor's pkg/sentry/control/proc.go): pids in the container's
 * own numbering, a parent outside of it as 0, the command's name alone. One that ends meanwhile is left out.
 * @throws SystemError
 */
export async function processInfos(hostPids: readonly number[]): Promise<readonly ProcessInfo[]> {
  const [booted, seen] = await Promise.all([bootTime(), Promise.all(hostPids.map(look))]);
  const alive = seen.flat();
  const inner = new Map(alive.map(({ hostPid, status }) => [hostPid, status.pids.at(-1) ?? 0]));
  return alive.map((one) => describe(one, booted, inner)).sort((a, b) => a.pid - b.pid);
}

async function look(hostPid: number): Promise<Seen[]> {
  const [stat, status] = await Promise.all([readStat(hostPid), readStatus(hostPid)]);
  if (stat === undefined || status === undefined) return [];
  return [{ hostPid, stat, status, threads: await readThreads(hostPid, status) }];
}

function describe(
  { hostPid, stat, status, threads }: Seen,
  booted: number,
  inner: ReadonlyMap<number, number>,
): ProcessInfo {
  const started = new Date(booted + (stat.startTicks / ticksPerSecond) * 1000);
  const now = Date.now();
  const lived = (now - started.getTime()) / 1000;
  const used = stat.ticks / ticksPerSecond;
  return {
    uid: status.uid,
    pid: status.pids.at(-1) ?? 0,
    ppid: inner.get(stat.ppid) ?? 0,
    c: lived <= 0 ? 0 : Math.min(100, Math.floor((used * 100) / lived)),
    stime: startTime(started, new Date(now)),
    time: goDuration(stat.ticks * (1000 / ticksPerSecond)),
    cmd: stat.command,
    threads,
    tty: terminalName(stat.tty),
    hostPid,
  };
}

/** By the device's number (proc_pid_stat(5)): 136 to 143 are Unix98 pseudo-terminals. */
function terminalName(device: number): string {
  if (device === 0) return '?';
  const major = (device >> 8) & 0xfff;
  const minor = (device & 0xff) | ((device >> 12) & 0xfff00);
  if (major >= 136 && major <= 143) return `pts/${(major - 136) * 256 + minor}`;
  return major === 4 ? `tty${minor}` : '?';
}
