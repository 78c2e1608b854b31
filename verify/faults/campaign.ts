import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { readSupervisorFile } from '../../actors/run-directory/index.ts';
import { connectSandbox } from '../../library/find-sandbox.ts';
import { messageOf } from '../../errors/index.ts';
import { errorCodeOf, type ControlClient } from '../../transport/client/index.ts';
import { settled } from '../lives/checks.ts';
import { expectStatus, finish, isGone, nothingLeft } from './finish.ts';
import { look } from './look.ts';
import { difference, type Model } from './model.ts';
import type { Disturbance } from './disturbance.ts';
import { Place } from './place.ts';
import { steps, sub, type Step } from './steps.ts';

/** How a life with a disturbance went. */
export interface Outcome {
  readonly disturbance: Disturbance;
  /** What was asked when it happened; undefined when it happened after the last answer, or never. */
  readonly step: string | undefined;
  /** From then on until the sandbox answered again, in ms. */
  readonly answered: number | undefined;
  /** What is not as it should be. */
  readonly violation: string | undefined;
}

/** By their names: how often a life passes each, and whether it stands beside a call that may fail. */
export type Points = ReadonlyMap<string, { readonly count: number; readonly mayFail: boolean }>;

/** Those that a life passes without a fault. @throws Error when that does not go well */
export async function pointsOfLife(rootfs: string): Promise<Points> {
  using files = new Place(rootfs);
  const file = join(files.directory, 'points');
  using place = new Place(rootfs, { fault: `trace@${file}` });
  try {
    let model: Model = undefined;
    for (const step of steps) model = await step.run(place, model);
    await nothingLeft(place);
    return read(file);
  } finally {
    clear(place);
  }
}

/** Those that a supervisor passes while it takes over. @throws Error when that does not go well */
export async function pointsOfRecovery(rootfs: string): Promise<Points> {
  using files = new Place(rootfs);
  const file = join(files.directory, 'points');
  using place = new Place(rootfs, { fault: 'kill@exec.kept#2' });
  try {
    await until(place, undefined);
    const said = await place.supervise(`trace@${file}`, '--recover');
    if (said !== undefined) throw new Error(said);
    return read(file);
  } finally {
    clear(place);
  }
}

function read(file: string): Points {
  const points = new Map<string, { readonly count: number; readonly mayFail: boolean }>();
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const [name = '', ...more] = line.split(' ');
    if (name === '') continue;
    points.set(name, { count: (points.get(name)?.count ?? 0) + 1, mayFail: more.length > 0 });
  }
  return points;
}

/**
 * Has a sandbox live with a disturbance, looks whether what it was answered still holds, lets it live on, and looks whether
 * something is left.
 */
export async function live(rootfs: string, disturbance: Disturbance): Promise<Outcome> {
  using place = new Place(rootfs, disturbance);
  let during: string | undefined;
  let answered: number | undefined;
  try {
    const { models, step } = await until(place, disturbance);
    during = step?.name;
    if (step !== undefined) {
      const began = performance.now();
      if (disturbance.second !== undefined) await successor(place, disturbance.second);
      const end = disturbance.meanwhile?.(place, models[0]);
      const client = await reach(place).finally(() => end?.());
      answered = performance.now() - began;
      const { accepts } = disturbance;
      const acceptable = accepts === undefined ? models : models.flatMap((one) => accepts(one, place, step));
      await checked(place, client, acceptable, disturbance.mayEnd === true);
    }
    await nothingLeft(place);
    return { disturbance, step: during, answered, violation: undefined };
  } catch (error) {
    const violation = error instanceof Error ? error.message : String(error);
    return { disturbance, step: during, answered, violation: `${violation}${logOf(place)}` };
  } finally {
    clear(place);
  }
}

/** One that has not died while it took over does so when it is ready. */
async function successor(place: Place, fault: string): Promise<void> {
  const said = await place.supervise(fault, '--recover');
  const pid = readSupervisorFile(place.root, place.id)?.pid;
  if (said === undefined && pid !== undefined) process.kill(pid, 'SIGKILL');
}

/** Lives until something is disturbed, refused or not answered. Gives what there may be then. */
async function until(
  place: Place,
  disturbance: Disturbance | undefined,
): Promise<{ readonly models: readonly Model[]; readonly step: Step | undefined }> {
  let model: Model = undefined;
  for (const step of steps) {
    const isDisturbed = disturbance?.step === step.name;
    const end = isDisturbed ? disturbance.begin?.(place, model) : undefined;
    try {
      const next = await step.run(place, model);
      if (isDisturbed) return { models: [next], step };
      model = next;
    } catch {
      // That it is not answered is what was wanted; what there is then is looked at.
      return { models: [model, step.maybe(place, model)], step };
    } finally {
      await end?.();
    }
  }
  return { models: [model], step: undefined };
}

/** Undefined when there is nothing of the sandbox any more. */
async function reach(place: Place): Promise<ControlClient | undefined> {
  const { root, id } = place;
  if (!existsSync(join(root, 'sandboxes', id))) return undefined;
  if (readSupervisorFile(root, id) === undefined) {
    // It died before it could say who hosts it, and nobody was told of it.
    clear(place);
    return undefined;
  }
  try {
    return await connectSandbox(root, id);
  } catch (error) {
    if (errorCodeOf(error) === 'SANDBOX_NOT_FOUND') return undefined;
    throw error;
  }
}

async function checked(
  place: Place,
  client: ControlClient | undefined,
  acceptable: readonly Model[],
  mayEnd: boolean,
): Promise<void> {
  if (client === undefined) {
    fits(acceptable, undefined);
    return;
  }
  try {
    // Who waits is answered once, by whichever supervisor is there then.
    await settled(client, place.id, [place.id, sub]).catch((error: unknown) => {
      // One that was killed while it stands still has ended for the kernel when its other processes may end, too.
      if (!mayEnd || !/is paused, but its init is gone/.test(messageOf(error))) throw error;
    });
    const model = await untilFits(client, acceptable);
    const isToEnd = !mayEnd && model?.[sub]?.state === 'running';
    const waiting = isToEnd ? expectStatus(client) : undefined;
    waiting?.catch(() => undefined);
    await finish(place, client, { mayEnd });
    await waiting?.catch((error: unknown) => {
      if (!isGone(error)) throw error;
    });
  } finally {
    client.close();
  }
}

/** In ms: a signal that was sent still does its work. */
const patience = 3000;

async function untilFits(client: ControlClient, acceptable: readonly Model[]): Promise<Model> {
  const deadline = performance.now() + patience;
  for (;;) {
    try {
      const model = await look(client);
      fits(acceptable, model);
      return model;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await after(20);
    }
  }
}

function fits(acceptable: readonly Model[], actual: Model): void {
  const differences = acceptable.map((one) => difference(one, actual));
  if (!differences.includes(undefined)) throw new Error(differences.join('; or: '));
}

function logOf({ root, id }: Place): string {
  const file = join(root, 'sandboxes', id, 'log');
  return existsSync(file) ? `\n${readFileSync(file, 'utf8').trim()}` : '';
}

const program = fileURLToPath(new URL('../../../bin/runstate.cjs', import.meta.url));

/** Whatever has happened: the machine is to be as before. */
export function clear({ root, id }: Place): void {
  if (!existsSync(join(root, 'sandboxes', id))) return;
  spawnSync(process.execPath, [program, '--root', root, 'delete', '--force', id], { stdio: 'ignore' });
}
