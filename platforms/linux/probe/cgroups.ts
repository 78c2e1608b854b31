import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProbeCheck } from '../../platform.ts';
import { detectLayout } from '../cgroups/index.ts';

/** What a container is without a controller, by its name in v1 and v2. */
const uses: Readonly<Record<string, string>> = {
  memory: 'no memory limit and no memory figures',
  cpu: 'no limit of processor time',
  pids: 'no limit of processes',
};

export async function checkCgroups(): Promise<readonly ProbeCheck[]> {
  const layout = await detectLayout();
  const controllers =
    layout.version === 1
      ? [...layout.controllers.keys()]
      : (await readFile(join(layout.mount, 'cgroup.controllers'), 'latin1')).trim().split(' ');
  const detail = `version ${layout.version}: ${controllers.join(', ')}`;
  const lacking = Object.entries(uses).filter(([name]) => !controllers.includes(name));
  return [
    { name: 'cgroups', verdict: 'ok', detail },
    ...lacking.map(([name, without]): ProbeCheck => ({
      name: `cgroup ${name}`,
      verdict: 'limited',
      detail: `there is no ${name} controller: ${without}`,
      remedy: `boot the kernel with cgroup_enable=${name}`,
    })),
  ];
}
