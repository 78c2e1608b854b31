import { readFile } from 'node:fs/promises';
import type { ProbeCheck } from '../../platform.ts';

/** Without these no container can be made, by their numbers in capabilities(7). */
const needed = {
  CAP_SYS_ADMIN: 21,
  CAP_NET_ADMIN: 12,
  CAP_SETUID: 7,
  CAP_SETGID: 6,
  CAP_KILL: 5,
  CAP_CHOWN: 0,
};

export async function checkPrivileges(): Promise<readonly ProbeCheck[]> {
  const name = 'privileges';
  const uid = process.geteuid?.() ?? -1;
  if (uid !== 0)
    return [{ name, verdict: 'missing', detail: `this runs as user ${uid}`, remedy: 'run it as root: sudo' }];
  const status = await readFile('/proc/self/status', 'latin1');
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  const missing = Object.entries(needed).filter(([, bit]) => ((effective >> BigInt(bit)) & 1n) === 0n);
  if (missing.length === 0)
    return [{ name, verdict: 'ok', detail: 'root, with the capabilities that are needed' }];
  const names = missing.map(([capability]) => capability).join(', ');
  return [
    {
      name,
      verdict: 'missing',
      detail: `root without ${names}`,
      remedy: 'run it outside of a container, or in a privileged one',
    },
  ];
}
