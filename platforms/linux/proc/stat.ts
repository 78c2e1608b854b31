import { readFile, readdir, readlink } from 'node:fs/promises';
import { isErrno } from '../system-error.ts';

/** USER_HZ: what the kernel shows times in, on every architecture that Node runs on. */
export const ticksPerSecond = 100;

/** A line's value in the text of /proc/PID/status; "" when it is not there, as the memory of a zombie. */
export const statusField = (text: string, name: string): string =>
  new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(text)?.[1] ?? '';

/** What runstate needs of /proc/PID/stat and /proc/PID/status (proc_pid_stat(5), proc_pid_status(5)). */
export interface ProcessStat {
  readonly command: string;
  /** `R`, `S`, `Z`, … */
  readonly state: string;
  readonly ppid: number;
  /** The foreground process group of its controlling terminal; -1 without one. */
  readonly tpgid: number;
  readonly pgrp: number;
  /** Device number of its controlling terminal; 0 without one. */
  readonly tty: number;
  /** Processor time in clock ticks. */
  readonly ticks: number;
  /** In clock ticks since the machine started. */
  readonly startTicks: number;
}

/** Undefined when there is no such process. @throws SystemError */
export async function readStat(pid: number): Promise<ProcessStat | undefined> {
  const text = await read(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  // The command may hold anything, also parentheses and spaces.
  const begin = text.indexOf('(');
  const end = text.lastIndexOf(')');
  const fields = text.slice(end + 2).split(' ');
  const number = (index: number): number => Number(fields[index - 3] ?? 0);
  return {
    command: text.slice(begin + 1, end),
    state: fields[0] ?? '',
    ppid: number(4),
    pgrp: number(5),
    tty: number(7),
    tpgid: number(8),
    ticks: number(14) + number(15),
    startTicks: number(22),
  };
}

export interface ProcessStatus {
  /** Real user id, in the host's numbering. */
  readonly uid: number;
  /** The pid in each pid namespace that it is in, the host's first. */
  readonly pids: readonly number[];
  readonly threads: number;
}

/** Undefined when there is no such process. @throws SystemError */
export async function readStatus(pid: number): Promise<ProcessStatus | undefined> {
  const text = await read(`/proc/${pid}/status`);
  if (text === undefined) return undefined;
  const field = (name: string): number[] => statusField(text, name).split(/\s+/).filter(Boolean).map(Number);
  return { uid: field('Uid')[0] ?? 0, pids: field('NSpid'), threads: field('Threads')[0] ?? 1 };
}

/** The threads of a process in its own pid namespace; one that ends meanwhile is left out. @throws SystemError */
export async function readThreads(
  hostPid: number,
  { pids, threads }: ProcessStatus,
): Promise<readonly number[]> {
  // Most have one, which has the process's number.
  if (threads === 1) return pids.slice(-1);
  const tids = await readDirectory(`/proc/${hostPid}/task`);
  const inner = await Promise.all(tids.map((tid) => readStatus(Number(tid))));
  return inner.flatMap((status) => status?.pids.slice(-1) ?? []).sort((a, b) => a - b);
}

/** The pid in its own, innermost pid namespace; undefined when there is no such process. @throws SystemError */
export async function containerPid(hostPid: number): Promise<number | undefined> {
  return (await readStatus(hostPid))?.pids.at(-1);
}

/** True when both live in one pid namespace; false when one is gone. @throws SystemError */
export async function sharesPids(a: number, b: number): Promise<boolean> {
  try {
    const [one, other] = await Promise.all([a, b].map((pid) => readlink(`/proc/${pid}/ns/pid`)));
    return one === other;
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ESRCH')) return false;
    throw error;
  }
}

/** The one of these processes that has that pid in its own pid namespace. @throws SystemError */
export async function hostPidOf(hostPids: readonly number[], pid: number): Promise<number | undefined> {
  const found = await Promise.all(hostPids.map(containerPid));
  const index = found.indexOf(pid);
  return index < 0 ? undefined : hostPids[index];
}

async function readDirectory(path: string): Promise<readonly string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ESRCH')) return [];
    throw error;
  }
}

async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ESRCH')) return undefined;
    throw error;
  }
}
