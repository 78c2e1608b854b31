import { readFile, readdir } from 'node:fs/promises';
import type { ProcessStacks, ThreadStack } from '../../inspection.ts';
import { containerPid, readStat, statusField } from '../proc/stat.ts';
import { isGone } from './gone.ts';

/**
 * Where the kernel has each thread of these processes (proc_pid_stack(5)). One that ends meanwhile is left out; a
 * kernel that shows no stacks leaves them empty. @throws SystemError
 */
export async function processStacks(hostPids: readonly number[]): Promise<readonly ProcessStacks[]> {
  const all = await Promise.all(hostPids.map(stacksOf));
  return all.flat().sort((a, b) => a.pid - b.pid);
}

async function stacksOf(hostPid: number): Promise<ProcessStacks[]> {
  try {
    const [pid, stat] = await Promise.all([containerPid(hostPid), readStat(hostPid)]);
    if (pid === undefined || stat === undefined) return [];
    const tids = await readdir(`/proc/${hostPid}/task`);
    const threads = await Promise.all(tids.map((tid) => threadOf(hostPid, Number(tid))));
    return [{ pid, command: stat.command, threads: threads.flat() }];
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}

async function threadOf(hostPid: number, tid: number): Promise<ThreadStack[]> {
  const directory = `/proc/${hostPid}/task/${tid}`;
  try {
    const [status, stack] = await Promise.all([
      readFile(`${directory}/status`, 'utf8'),
      readStack(directory),
    ]);
    const inner = Number(statusField(status, 'NSpid').split(/\s+/).at(-1));
    const [name, state] = [statusField(status, 'Name'), statusField(status, 'State').slice(0, 1)];
    return [{ tid: inner, name, state, stack }];
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}

async function readStack(directory: string): Promise<readonly string[]> {
  try {
    const text = await readFile(`${directory}/stack`, 'utf8');
    // `[<0>] do_wait+0x5d/0x110`: the address is not shown to anybody.
    return text.split('\n').flatMap((line) => /^\[<\w+>\] (.*)$/.exec(line)?.slice(1, 2) ?? []);
  } catch (error) {
    // Without CAP_SYS_ADMIN, or on a kernel that is built without them.
    if (
      error instanceof Error &&
      'code' in error &&
      ['EACCES', 'EPERM', 'ENOENT'].includes(String(error.code))
    )
      return [];
    throw error;
  }
}
