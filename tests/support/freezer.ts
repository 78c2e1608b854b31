import { readFileSync, writeFileSync } from 'node:fs';

/** Freezes a process's container as an administrator would do it, past all that watches. @param pid of the host */
export function freezerOf(pid: number): { readonly set: (isFrozen: boolean) => void } {
  const lines = readFileSync(`/proc/${pid}/cgroup`, 'utf8').split('\n');
  const v1 = lines
    .map((line) => /^\d+:[^:]*\bfreezer\b[^:]*:(.*)$/.exec(line)?.[1])
    .find((path) => path !== undefined);
  if (v1 !== undefined)
    return {
      set: (is) => writeFileSync(`/sys/fs/cgroup/freezer${v1}/freezer.state`, is ? 'FROZEN' : 'THAWED'),
    };
  const v2 = lines.map((line) => /^0::(.*)$/.exec(line)?.[1]).find((path) => path !== undefined) ?? '';
  return { set: (is) => writeFileSync(`/sys/fs/cgroup${v2}/cgroup.freeze`, is ? '1' : '0') };
}
