import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProbeCheck } from '../../platform.ts';
import { makeNetwork, removeNetwork } from '../namespaces/network.ts';

const wanted = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'uts'];

export async function checkNamespaces(): Promise<readonly ProbeCheck[]> {
  const there = await readdir('/proc/self/ns');
  const lacking = wanted.filter((name) => !there.includes(name));
  if (lacking.length > 0)
    return [
      {
        name: 'namespaces',
        verdict: 'missing',
        detail: `this kernel has no ${lacking.join(', ')} namespaces`,
        remedy: 'a kernel built with CONFIG_NAMESPACES and all of its kinds',
      },
    ];
  const directory = await mkdtemp(join(tmpdir(), 'runstate-probe-'));
  try {
    // What is there may still be forbidden.
    await makeNetwork(join(directory, 'netns'));
    removeNetwork(join(directory, 'netns'));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  const user = there.includes('user') ? '' : '; no user namespaces';
  return [{ name: 'namespaces', verdict: 'ok', detail: `made one${user}` }];
}
