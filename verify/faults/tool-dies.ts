import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';
import { readSupervisorFile } from '../../actors/run-directory/index.ts';
import type { Disturbance } from './disturbance.ts';
import { withStopped, type Model } from './model.ts';
import type { Place } from './place.ts';
import { steps, sub } from './steps.ts';

/** After so many ms of its life, or at once. */
const delays = [0, 8, 20, 45];

/** The first runtime, or CRIU, that a step needs is killed: the step fails, or is done all the same. */
export const toolDies: readonly Disturbance[] = ['runc', 'criu'].flatMap((tool) =>
  steps
    .filter(({ name }) => (tool === 'criu' ? name.startsWith('checkpoint') : name !== 'boot'))
    .flatMap(({ name }) =>
      delays.map((delay) => ({
        kind: tool === 'criu' ? 'CRIU dies' : 'the runtime dies',
        name: `${tool}@${name}+${delay}`,
        step: name,
        begin: (place: Place) => killOnce(() => toolsOf(place, tool), delay),
      })),
    ),
);

/** The init of a container is killed: it has ended then, and with the root's all have. */
export const initDies: readonly Disturbance[] = ['root', 'sub-container'].flatMap((which) =>
  steps
    .filter(({ name }) => name !== 'boot' && !name.startsWith('create'))
    .flatMap(({ name }) =>
      delays.map((delay) => ({
        kind: "a container's init dies",
        name: `init of the ${which}@${name}+${delay}`,
        step: name,
        begin: (place: Place, model: Model) => {
          const hostPid = model?.[which === 'root' ? place.id : sub]?.hostPid ?? 0;
          return killOnce(() => (hostPid > 0 ? [hostPid] : []), delay);
        },
        accepts: (model: Model, place: Place) => [
          model,
          withStopped(model, which === 'root' ? place.id : sub, which === 'root'),
        ],
        mayEnd: true,
      })),
    ),
);

/** In ms, from a supervisor's death on: before its successor looks, while it does, and after. */
const moments = [0, 60, 100, 130, 160, 200];

/** An init is killed while nobody hosts the sandbox, or just as it is taken over. */
export const initDiesMeanwhile: readonly Disturbance[] = [
  'exec.kept#2',
  'freeze.whole#1',
  'signal.intended#1',
].flatMap((point) =>
  ['root', 'sub-container'].flatMap((which) =>
    moments.map((moment) => ({
      kind: 'an init dies while nobody hosts it',
      name: `init of the ${which} after kill@${point}+${moment}`,
      fault: `kill@${point}`,
      meanwhile: (place: Place, model: Model) => {
        const hostPid = model?.[which === 'root' ? place.id : sub]?.hostPid ?? 0;
        return killOnce(() => (hostPid > 0 ? [hostPid] : []), moment);
      },
      accepts: (model: Model, place: Place) => [
        model,
        withStopped(model, which === 'root' ? place.id : sub, which === 'root'),
      ],
      mayEnd: true,
    })),
  ),
);

/** Kills the first that there is, a while after it was seen. Gives what ends the looking. */
function killOnce(find: () => readonly number[], delay: number): () => Promise<void> {
  const over = new AbortController();
  const looking = (async () => {
    while (!over.signal.aborted) {
      const [pid] = find();
      if (pid !== undefined) {
        await after(delay);
        kill(pid);
        return;
      }
      await after(1);
    }
  })();
  return async () => {
    over.abort();
    await looking;
  };
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has come to its end.
  }
}

/** Those that work for the sandbox's supervisor, the grandchildren among them. */
function toolsOf({ root, id }: Place, name: string): readonly number[] {
  const supervisor = readSupervisorFile(root, id)?.pid;
  if (supervisor === undefined) return [];
  const children = childrenOf(supervisor);
  return [...children, ...children.flatMap(childrenOf)].filter((pid) => textOf(`/proc/${pid}/comm`) === name);
}

function childrenOf(pid: number): readonly number[] {
  try {
    const tasks = readdirSync(`/proc/${pid}/task`);
    const texts = tasks.map((task) => textOf(`/proc/${pid}/task/${task}/children`));
    return texts.flatMap((text) => text.split(' ').filter(Boolean).map(Number));
  } catch {
    // It has ended.
    return [];
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    // It has ended.
    return '';
  }
}
