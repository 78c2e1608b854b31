import fc from 'fast-check';
import { existsSync } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';
import { sandboxFiles } from '../../actors/run-directory/index.ts';
import { defaultSpec } from '../../oci/index.ts';
import { ControlClient, sandboxSocket } from '../../transport/client/index.ts';
import { cgroupsBelow, socketsOf } from '../census.ts';
import { lookAt, mayHappen, settled } from '../lives/checks.ts';
import { commandsFor, type Command, type Place } from '../lives/commands.ts';

/** Where lives take place, and what is counted of them. */
export interface Ground {
  readonly root: string;
  readonly rootfs: string;
  /** To the supervisor of many. */
  readonly supervisor: ControlClient;
  /** /dev/null, thrice. */
  readonly files: readonly number[];
  /** Calls that were made, and those of them that were refused. */
  readonly seen: { requests: number; refused: number };
}

/** By clients: indexes into the commands. */
const plans = fc.record({
  clients: fc.array(fc.array(fc.nat({ max: 1000 }), { minLength: 1, maxLength: 12 }), {
    minLength: 1,
    maxLength: 4,
  }),
  /** Metrics and stacks are asked, too. */
  looks: fc.boolean(),
  /** The first client goes away in the middle of what it has asked. */
  leaves: fc.boolean(),
});

/** In ms: what takes longer hangs. */
const timeout = 20_000;

/**
 * A sandbox from its boot to its end, as that seed has it: several clients ask at once what they like.
 * @throws Error what may not happen, or is left
 */
export async function live(ground: Ground, id: string, seed: number): Promise<void> {
  const [plan] = fc.sample(plans, { seed, numRuns: 1 });
  if (plan === undefined) throw new Error('there is no plan');
  const clients: ControlClient[] = [];
  const others = [`${id}-one`, `${id}-two`];
  const commands = commandsFor(id, others);
  const place = (): Place => {
    const client = new ControlClient([sandboxSocket(ground.root, id)]);
    clients.push(client);
    const spec: Place['spec'] = (args) => defaultSpec({ args, rootfs: ground.rootfs });
    return { client, root: id, files: ground.files, spec };
  };
  const { seen } = ground;
  seen.requests += 1;
  await ground.supervisor.call('supervisor.Boot', { ID: id }, { timeout });
  const own = place();
  try {
    const rest = { Bundle: '/', ConsoleSocket: '', NoPivot: false, NoNewKeyring: false };
    const Spec = own.spec(['sleep', '100000']);
    seen.requests += 1;
    await own.client.call('runstate.Create', { CID: id, Spec, ...rest }, { files: own.files, timeout });
    await Promise.all(
      plan.clients.map((list, number) => ask(ground, place(), commands, list, plan.leaves && number === 0)),
    );
    if (plan.looks) {
      seen.requests += 2;
      await own.client.call('Metrics.Export', { only_metrics: '' }, { timeout });
      await own.client.call('debug.Stacks', null, { timeout });
    }
    await settled(own.client, id, [id, ...others]);
    await lookAt(own.client, 'sandbox', id);
  } finally {
    try {
      seen.requests += 1;
      await own.client.call('containerManager.Destroy', id, { timeout });
    } finally {
      for (const one of clients) one.close();
    }
  }
  await nothingLeft(ground, id);
}

async function ask(
  { seen }: Ground,
  place: Place,
  commands: readonly Command[],
  list: readonly number[],
  leaves: boolean,
): Promise<void> {
  for (const [turn, index] of list.entries()) {
    const command = commands[index % commands.length];
    if (command === undefined) continue;
    seen.requests += 1;
    const asked = command.run(place);
    if (leaves && turn === list.length - 1) {
      place.client.close();
      // Nobody is there to hear how it went.
      await asked.catch(() => undefined);
      return;
    }
    try {
      await asked;
    } catch (error) {
      seen.refused += 1;
      mayHappen(error);
    }
  }
}

/** In ms: the kernel lets go of some things a little later. */
const patience = 5000;

async function nothingLeft({ root }: Ground, id: string): Promise<void> {
  const left = (): readonly string[] => [
    ...(cgroupsBelow(id) > 0 ? ['cgroups'] : []),
    ...(socketsOf(id) > 0 ? ['sockets'] : []),
    ...(existsSync(sandboxFiles(root, id).directory) ? ['its directory'] : []),
  ];
  const deadline = performance.now() + patience;
  for (let found = left(); found.length > 0; found = left()) {
    if (performance.now() > deadline) throw new Error(`sandbox ${id} has left ${found.join(', ')}`);
    await after(20);
  }
}
