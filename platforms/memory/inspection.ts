import { RunstateError } from '../../errors/index.ts';
import type { PlatformInspection, ProcessStacks, ProcfsDump } from '../inspection.ts';
import type { ContainerSet } from './container-set.ts';

const notSupported = (what: string): Promise<never> =>
  Promise.reject(new RunstateError('NOT_SUPPORTED', { what, why: 'nothing real runs on this platform' }));

/** What there is to see of programs that are played: no kernel, no files, no cgroups. */
export function memoryInspection(containers: ContainerSet): PlatformInspection {
  return {
    observe: async (cid) => {
      const { init, isFrozen, processes } = await Promise.resolve(containers.get(cid));
      return { init: init === undefined ? 'gone' : 'there', isFrozen, processes: processes.length };
    },
    madeFrom: async (cid) => (await Promise.resolve(containers.get(cid))).made,
    stacks: async (cid) => {
      const { processes } = await Promise.resolve(containers.get(cid));
      return processes.map(({ pid, program }): ProcessStacks => {
        const command = nameOf(program.args);
        return { pid, command, threads: [{ tid: pid, name: command, state: 'S', stack: [] }] };
      });
    },
    procfs: async (cid) => {
      const { processes } = await Promise.resolve(containers.get(cid));
      return processes.map(({ pid, ppid, uid, program, startedAt }): ProcfsDump => {
        const ids = { real: uid, effective: uid, saved: uid };
        return {
          ...{ pid, ppid, pgid: pid, sid: pid, command: nameOf(program.args), exe: program.args[0] ?? '' },
          ...{ args: program.args, env: [], cwd: '/', root: '/', fds: [], limits: {}, cgroups: [] },
          ...{ startedAt: startedAt.getTime(), uid: ids, gid: ids, vmSize: 0n, vmRss: 0n },
        };
      });
    },
    readControlFile: () => notSupported('reading a control file'),
    writeControlFile: () => notSupported('writing a control file'),
    openFile: () => notSupported('opening a file of a container'),
    traceCalls: (options) =>
      options === undefined ? Promise.resolve() : notSupported('tracing system calls'),
  };
}

const nameOf = ([command = '']: readonly string[]): string => command.slice(command.lastIndexOf('/') + 1);
