import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { findCgroups } from '../../platforms/linux/cgroups/find.ts';
import { errorCodeOf, type ControlClient } from '../../transport/client/index.ts';
import { look } from './look.ts';
import { timeout, type Place } from './place.ts';
import { sub, subCode } from './steps.ts';

const SIGTERM = 15;

/**
 * Has what lives of a sandbox do once more all that it should be able to, and destroys it.
 * @param mayEnd a container may end at any moment: then whatever it was asked for may come to nothing
 * @throws Error that says what is not as it should be
 */
export async function finish(
  place: Place,
  client: ControlClient,
  { mayEnd }: { readonly mayEnd: boolean },
): Promise<void> {
  try {
    await liveOn(place, client);
  } catch (error) {
    if (!mayEnd) throw error;
  }
  await client.call('containerManager.Destroy', place.id, { timeout });
}

async function liveOn(place: Place, client: ControlClient): Promise<void> {
  const { id } = place;
  const now = async (cid: string): Promise<string | undefined> => (await look(client))?.[cid]?.state;
  const root = await now(id);
  if (root === undefined) return;
  if (root === 'created') await client.call('runstate.Start', { CID: id }, { timeout });
  if (root === 'paused') await client.call('containerManager.Resume', null, { timeout });
  const other = await now(sub);
  if (other === 'created') await client.call('runstate.Start', { CID: sub }, { timeout });
  if (other === 'paused') await client.call('runstate.ResumeContainer', { CID: sub }, { timeout });
  for (const cid of [id, sub]) if ((await now(cid)) === 'running') await execTrue(place, client, cid);
  if ((await now(sub)) !== 'running') return;
  const signal = { CID: sub, Signo: SIGTERM, PID: 0, Mode: 0 } as const;
  await client.call('containerManager.Signal', signal, { timeout });
  await expectStatus(client);
}

async function execTrue(place: Place, client: ControlClient, cid: string): Promise<void> {
  const Process = { ...place.spec(['true']).process, args: ['true'], cwd: '/' };
  const { PID } = await client.call(
    'runstate.Execute',
    { CID: cid, Process, ConsoleSocket: '' },
    { files: place.files, timeout },
  );
  const status = await client.call('containerManager.WaitPID', { CID: cid, PID }, { timeout });
  if (status !== 0) throw new Error(`true ended with wait status ${status} in ${cid}`);
}

/** @throws Error when it has not ended as it was asked to */
export async function expectStatus(client: ControlClient): Promise<void> {
  const status = await client.call('containerManager.Wait', sub, { timeout });
  if (status !== subCode << 8) throw new Error(`the sub-container ended with wait status ${status}`);
}

/** True for what may be told of a container that was destroyed. */
export const isGone = (error: unknown): boolean =>
  ['CONTAINER_NOT_FOUND', 'SANDBOX_NOT_FOUND', 'ACTOR_GONE', 'CONNECTION'].includes(errorCodeOf(error) ?? '');

/** In ms: the kernel, and a supervisor that ends, let go of some things a little later. */
const patience = 5000;

/** @throws Error that names what is left of the sandbox */
export async function nothingLeft(place: Place): Promise<void> {
  const deadline = performance.now() + patience;
  for (let left = remains(place); left.length > 0; left = remains(place)) {
    if (performance.now() > deadline) throw new Error(`left behind: ${left.join(', ')}`);
    await after(10);
  }
}

function remains({ root, id, directory }: Place): readonly string[] {
  const namesIn = (path: string): readonly string[] => (existsSync(path) ? readdirSync(path) : []);
  const mounts = readFileSync('/proc/self/mountinfo', 'latin1').split('\n');
  const sockets = readFileSync('/proc/net/unix', 'latin1').split('\n');
  return [
    ...namesIn(join(root, 'sandboxes')).map((name) => `directory of sandbox ${name}`),
    ...namesIn(join(root, 'containers')).map((name) => `index entry ${name}`),
    ...namesIn(root).filter((name) => name !== 'sandboxes' && name !== 'containers'),
    ...mounts.filter((line) => line.includes(` ${root}/`)).map((line) => `mount ${line}`),
    ...sockets
      .filter((line) => line.includes(`.${id}`) || line.includes(`-${id}`))
      .map((line) => `socket ${line}`),
    ...findCgroups(id).map((path) => `cgroup ${path}`),
    ...processesAt(directory),
  ];
}

/** Those whose arguments name the directory, and what they left alone. */
function processesAt(directory: string): readonly string[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      const text = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      return text.includes(directory) ? [`process ${pid}: ${text}`] : [];
    } catch {
      // It has ended.
      return [];
    }
  });
}
