import { closeSync, openSync } from 'node:fs';
import { messageOf } from '../../errors/index.ts';
import { clear } from '../faults/campaign.ts';
import { nothingLeft } from '../faults/finish.ts';
import { look } from '../faults/look.ts';
import { anyPid, difference, mapContainers, type Model } from '../faults/model.ts';
import { Place, timeout } from '../faults/place.ts';
import { steps } from '../faults/steps.ts';

/** One save, and what had been done just before. */
export interface Saved {
  readonly after: string;
  /** Until it went on again, in ms. */
  readonly took: number;
}

/**
 * Has a sandbox live as in the campaign of faults, and after each step saves it, destroys it, makes it again from what was
 * saved, and goes on with that: nothing may have changed but the host's pids.
 * @throws Error that says after which step what was not as before
 */
export async function saveAtEveryStep(rootfs: string): Promise<readonly Saved[]> {
  using place = new Place(rootfs);
  const saves: Saved[] = [];
  let model: Model = undefined;
  try {
    for (const step of steps) {
      model = await step.run(place, model);
      // There is nothing to be saved before its root runs.
      const root = model?.[place.id]?.state;
      if (root === undefined || root === 'created') continue;
      const began = performance.now();
      model = await saved(place, model).catch((cause: unknown) => {
        throw new Error(`after: ${step.name}: ${messageOf(cause)}`, { cause });
      });
      saves.push({ after: step.name, took: performance.now() - began });
    }
    await nothingLeft(place);
    return saves;
  } finally {
    clear(place);
  }
}

/** Gives the same with the pids that the host has for them now. */
async function saved(place: Place, before: Model): Promise<Model> {
  const { client, id, statefile, files } = place;
  const isPaused = before?.[id]?.state === 'paused';
  const out = openSync(statefile, 'w');
  try {
    const args = { key: undefined, metadata: {}, LeaveRunning: false, Compression: '', Exec: '' } as const;
    await client.call('containerManager.Checkpoint', args, { files: [out], timeout });
  } finally {
    closeSync(out);
  }
  await client.call('containerManager.Destroy', id, { timeout });
  await nothingLeft(place);
  const said = await place.supervise(undefined);
  if (said !== undefined) throw new Error(said);
  const from = openSync(statefile, 'r');
  try {
    const args = {
      Key: undefined,
      Hold: isPaused,
      Names: {},
      Root: null,
      ConsoleSocket: '',
      Progress: false,
    };
    await client.call('runstate.Restore', args, { files: [from, ...files], timeout });
  } finally {
    closeSync(from);
  }
  const now = await look(client);
  const wrong = difference(
    mapContainers(before, (known) => ({ ...known, hostPid: anyPid })),
    now,
  );
  if (wrong !== undefined) throw new Error(wrong);
  return now;
}
