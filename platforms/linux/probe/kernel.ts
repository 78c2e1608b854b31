import { release } from 'node:os';
import { readFile } from 'node:fs/promises';
import type { ProbeCheck } from '../../platform.ts';

/** waitid(P_PIDFD): since Linux 5.4. */
const least = [5, 4] as const;

export async function checkKernel(): Promise<readonly ProbeCheck[]> {
  const [major = 0, minor = 0] = release().split('.').map(Number);
  const isNew = major > least[0] || (major === least[0] && minor >= least[1]);
  const detail = `Linux ${release()}`;
  const kernel: ProbeCheck = isNew
    ? { name: 'kernel', verdict: 'ok', detail }
    : {
        name: 'kernel',
        verdict: 'missing',
        detail: `${detail}, which cannot wait for processes by pidfd`,
        remedy: `Linux ${least.join('.')} or later is needed`,
      };
  const status = await readFile('/proc/self/status', 'latin1');
  const seccomp: ProbeCheck = /^Seccomp:/m.test(status)
    ? { name: 'seccomp', verdict: 'ok', detail: 'the kernel filters system calls' }
    : {
        name: 'seccomp',
        verdict: 'limited',
        detail: 'this kernel cannot filter system calls: specs with a seccomp profile fail',
        remedy: 'a kernel built with CONFIG_SECCOMP_FILTER',
      };
  return [kernel, seccomp];
}
