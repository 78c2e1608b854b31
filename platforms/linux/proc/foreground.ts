import { readStat } from './stat.ts';

/**
 * Of these processes those in the foreground group of the terminal that controls one of them: what ^C would signal.
 * Empty when that one has no terminal. All in the host's numbering. @throws SystemError
 */
export async function foregroundOf(hostPids: readonly number[], hostPid: number): Promise<readonly number[]> {
  const one = await readStat(hostPid);
  if (one === undefined || one.tty === 0 || one.tpgid <= 0) return [];
  const stats = await Promise.all(hostPids.map(async (pid) => ({ pid, stat: await readStat(pid) })));
  return stats.filter(({ stat }) => stat?.tty === one.tty && stat.pgrp === one.tpgid).map(({ pid }) => pid);
}
