import type { ControlClient, ContainerState } from '../../transport/client/index.ts';
import type { Known, Model } from './model.ts';
import { timeout } from './place.ts';

/** What there is of a sandbox, as its supervisor and the kernel show it. @throws as ControlClient.call */
export async function look(client: ControlClient): Promise<Model> {
  const containers = await client.call('runstate.List', null, { timeout });
  const known = await Promise.all(
    containers.map(async (one): Promise<[string, Known]> => [one.id, await lookAt(client, one)]),
  );
  return Object.fromEntries(known);
}

async function lookAt(client: ControlClient, { id, status, pid }: ContainerState): Promise<Known> {
  if (status === 'stopped') return { state: status, execs: [], hostPid: 0 };
  if (status === 'creating') throw new Error(`container ${id} stays ${status}`);
  if (status === 'created') return { state: status, execs: [], hostPid: pid };
  const processes = await client.call('containerManager.Processes', id, { timeout });
  // The first child of pid 1 is the program, the others were exec'd.
  const [, ...execs] = processes.filter(({ ppid }) => ppid === 1).map((one) => one.pid);
  return { state: status, execs, hostPid: pid };
}
