import { readdir, readlink, stat as statOf } from 'node:fs/promises';
import type { Ids, ProcfsDump } from '../../inspection.ts';
import { bootTime } from '../proc/boot-time.ts';
import { readBeginning } from '../proc/read-beginning.ts';
import { statusField, ticksPerSecond } from '../proc/stat.ts';
import { isErrno } from '../system-error.ts';
import { isGone } from './gone.ts';

/**
 * What /proc has of these processes, pids in the container's own numbering, a parent outside of it as 0. One that ends
 * meanwhile is left out. @throws SystemError
 */
export async function procfsDumps(hostPids: readonly number[]): Promise<readonly ProcfsDump[]> {
  const booted = await bootTime();
  const found: Found[] = [];
  const next = hostPids.values();
  let fds = 0;
  const lookAtNext = async (): Promise<void> => {
    for (const pid of next) {
      const one = await look(pid, booted, Math.max(0, Math.min(mostFds, mostFdsOfAll - fds)));
      fds += one.reduce((sum, { dump }) => sum + dump.fds.length, 0);
      found.push(...one);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lookAtNext));
  const inner = new Map(found.map(({ hostPid, dump }) => [hostPid, dump.pid]));
  return found
    .map(({ dump }) => ({ ...dump, ppid: inner.get(dump.ppid) ?? 0 }))
    .sort((a, b) => a.pid - b.pid);
}

/** So many processes are looked at at the same time. */
const atOnce = 16;
/** Of each file, in bytes; of each process, strings and descriptors: what is more is left out. */
const longest = 128 * 1024;
const mostStrings = 4096;
const mostFds = 512;
const mostFdsOfAll = 20_000;

interface Found {
  readonly hostPid: number;
  /** Its parent is numbered by the host still. */
  readonly dump: ProcfsDump;
}

async function look(hostPid: number, booted: number, mostOfIts: number): Promise<Found[]> {
  const directory = `/proc/${hostPid}`;
  const read = (name: string): Promise<string> => readBeginning(`${directory}/${name}`, longest);
  try {
    const [status, stat, cmdline, environ, limits, cgroup] = await Promise.all([
      ...([read('status'), read('stat'), read('cmdline')] as const),
      ...([read('environ'), read('limits'), read('cgroup')] as const),
    ]);
    const [exe, cwd, root, fds] = await Promise.all([
      ...([target(`${directory}/exe`), target(`${directory}/cwd`), target(`${directory}/root`)] as const),
      fdsOf(directory, mostOfIts),
    ]);
    const field = (name: string): string => statusField(status, name);
    const innermost = (name: string): number => Number(field(name).split(/\s+/).at(-1));
    // The command may hold anything, also parentheses and spaces.
    const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? 0);
    const dump: ProcfsDump = {
      pid: innermost('NSpid'),
      ppid: Number(field('PPid')),
      pgid: innermost('NSpgid'),
      sid: innermost('NSsid'),
      command: field('Name'),
      args: strings(cmdline),
      env: strings(environ),
      ...{ exe, cwd, root, fds },
      startedAt: booted + (ticks * 1000) / ticksPerSecond,
      limits: limitsOf(limits),
      cgroups: cgroupsOf(cgroup),
      uid: idsOf(field('Uid')),
      gid: idsOf(field('Gid')),
      vmSize: kibibytes(field('VmSize')),
      vmRss: kibibytes(field('VmRSS')),
    };
    return [{ hostPid, dump }];
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}

/** What a link of /proc shows; "" for a zombie, which has none any more. */
async function target(link: string): Promise<string> {
  try {
    return await readlink(link);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return '';
    throw error;
  }
}

async function fdsOf(directory: string, most: number): Promise<ProcfsDump['fds']> {
  const numbers = (await readdir(`${directory}/fd`)).slice(0, most);
  const found = await Promise.all(
    numbers.map(async (number): Promise<ProcfsDump['fds'][number][]> => {
      try {
        const link = `${directory}/fd/${number}`;
        const [path, { mode }] = await Promise.all([readlink(link), statOf(link)]);
        return [{ number: Number(number), path, mode }];
      } catch (error) {
        // It was closed meanwhile.
        if (isErrno(error, 'ENOENT')) return [];
        throw error;
      }
    }),
  );
  return found.flat().sort((a, b) => a.number - b.number);
}

const strings = (text: string): readonly string[] =>
  text === '' ? [] : text.replace(/\0$/, '').split('\0', mostStrings);

function idsOf(text: string): Ids {
  const [real = 0, effective = 0, saved = 0] = text.split(/\s+/).map(Number);
  return { real, effective, saved };
}

/** `1234 kB`; a zombie and a kernel thread have none. */
const kibibytes = (text: string): bigint => BigInt(/^\d+/.exec(text)?.[0] ?? 0);

/** By the words of /proc/PID/limits. */
const limitNames: Readonly<Record<string, string>> = {
  'Max cpu time': 'RLIMIT_CPU',
  'Max file size': 'RLIMIT_FSIZE',
  'Max data size': 'RLIMIT_DATA',
  'Max stack size': 'RLIMIT_STACK',
  'Max core file size': 'RLIMIT_CORE',
  'Max resident set': 'RLIMIT_RSS',
  'Max processes': 'RLIMIT_NPROC',
  'Max open files': 'RLIMIT_NOFILE',
  'Max locked memory': 'RLIMIT_MEMLOCK',
  'Max address space': 'RLIMIT_AS',
  'Max file locks': 'RLIMIT_LOCKS',
  'Max pending signals': 'RLIMIT_SIGPENDING',
  'Max msgqueue size': 'RLIMIT_MSGQUEUE',
  'Max nice priority': 'RLIMIT_NICE',
  'Max realtime priority': 'RLIMIT_RTPRIO',
  'Max realtime timeout': 'RLIMIT_RTTIME',
};

/** RLIM_INFINITY of getrlimit(2). */
const unlimited = (1n << 64n) - 1n;

function limitsOf(text: string): ProcfsDump['limits'] {
  const value = (word: string | undefined): bigint =>
    word === undefined || word === 'unlimited' ? unlimited : BigInt(word);
  return Object.fromEntries(
    text.split('\n').flatMap((line) => {
      const [, label, cur, max] = /^(Max [a-z ]+?)\s{2,}(\S+)\s+(\S+)/.exec(line) ?? [];
      const name = limitNames[label ?? ''];
      return name === undefined ? [] : [[name, { cur: value(cur), max: value(max) }] as const];
    }),
  );
}

function cgroupsOf(text: string): ProcfsDump['cgroups'] {
  return text.split('\n').flatMap((line) => {
    const [, id, controllers = '', path = ''] = /^(\d+):([^:]*):(.*)$/.exec(line) ?? [];
    return id === undefined ? [] : [{ id: Number(id), controllers, path }];
  });
}
