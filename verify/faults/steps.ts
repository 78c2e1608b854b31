import { openSync, closeSync } from 'node:fs';
import { anyPid, mapContainers, withContainer, type Known, type Model } from './model.ts';
import { timeout, type Place } from './place.ts';

/** One thing that is asked of a sandbox, and what is to be so when it is answered. */
export interface Step {
  readonly name: string;
  /** Resolves with what there is then. @throws what the call rejects with */
  readonly run: (place: Place, before: Model) => Promise<Model>;
  /** What there may be when there was no answer, besides what there was before. */
  readonly maybe: (place: Place, before: Model) => Model;
}

export const sub = 'sub';
/** How the sub-container ends when it is asked to. */
export const subCode = 7;
const trap = ['sh', '-c', `trap 'exit ${subCode}' TERM; while :; do sleep 0.01; done`];
const forever = ['sleep', '100000'];
const SIGTERM = 15;

const created = (hostPid: number): Known => ({ state: 'created', execs: [], hostPid });

/** A life in which everything happens once that a sandbox can be asked for. */
export const steps: readonly Step[] = [
  {
    name: 'boot',
    run: async (place) => {
      const said = await place.supervise(place.fault);
      if (said !== undefined) throw new Error(said);
      return {};
    },
    maybe: () => ({}),
  },
  create('create the root', ({ id }) => id, forever),
  start('start the root', ({ id }) => id),
  exec('exec in the root', ({ id }) => id),
  create('create a sub-container', () => sub, trap),
  start('start it', () => sub),
  exec('exec in it', () => sub),
  whole('pause all', 'containerManager.Pause', 'paused'),
  whole('resume all', 'containerManager.Resume', 'running'),
  alone('pause the sub-container alone', 'runstate.PauseContainer', 'paused'),
  alone('resume it', 'runstate.ResumeContainer', 'running'),
  {
    name: 'checkpoint, and go on',
    run: async ({ client, statefile }, before) => {
      const fd = openSync(statefile, 'w');
      try {
        const args = { key: undefined, metadata: {}, LeaveRunning: true, Compression: '', Exec: '' } as const;
        await client.call('containerManager.Checkpoint', args, { files: [fd], timeout });
      } finally {
        closeSync(fd);
      }
      return before;
    },
    maybe: (_place, before) => before,
  },
  {
    name: 'signal the sub-container',
    run: async (place, before) => {
      const signal = { CID: sub, Signo: SIGTERM, PID: 0, Mode: 0 } as const;
      await place.client.call('containerManager.Signal', signal, { timeout });
      await place.client.call('containerManager.Wait', sub, { timeout });
      return stopped(before);
    },
    maybe: (_place, before) => stopped(before),
  },
  {
    name: 'destroy the sub-container',
    run: async ({ client }, before) => {
      await client.call('containerManager.Destroy', sub, { timeout });
      return withContainer(before, sub, undefined);
    },
    maybe: (_place, before) => withContainer(before, sub, undefined),
  },
  {
    name: 'destroy the sandbox',
    run: async ({ client, id }) => {
      await client.call('containerManager.Destroy', id, { timeout });
      return undefined;
    },
    maybe: () => undefined,
  },
];

const stopped = (model: Model): Model =>
  mapContainers(model, (known, cid) => (cid === sub ? { ...known, state: 'stopped', execs: [] } : known));

function create(name: string, cidOf: (place: Place) => string, args: readonly string[]): Step {
  return {
    name,
    run: async (place, before) => {
      const rest = { Bundle: '/', ConsoleSocket: '', NoPivot: false, NoNewKeyring: false };
      const cid = cidOf(place);
      const { pid } = await place.client.call(
        'runstate.Create',
        { CID: cid, Spec: place.spec(args), ...rest },
        { files: place.files, timeout },
      );
      return withContainer(before, cid, created(pid));
    },
    maybe: (place, before) => withContainer(before, cidOf(place), created(anyPid)),
  };
}

function start(name: string, cidOf: (place: Place) => string): Step {
  const running = (place: Place, before: Model): Model =>
    mapContainers(before, (known, cid) => (cid === cidOf(place) ? { ...known, state: 'running' } : known));
  return {
    name,
    run: async (place, before) => {
      await place.client.call('runstate.Start', { CID: cidOf(place) }, { timeout });
      return running(place, before);
    },
    maybe: running,
  };
}

function exec(name: string, cidOf: (place: Place) => string): Step {
  const more = (place: Place, before: Model, pid: number): Model =>
    mapContainers(before, (known, cid) =>
      cid === cidOf(place) ? { ...known, execs: [...known.execs, pid] } : known,
    );
  return {
    name,
    run: async (place, before) => {
      const Process = { ...place.spec(forever).process, args: forever, cwd: '/' };
      const { PID } = await place.client.call(
        'runstate.Execute',
        { CID: cidOf(place), Process, ConsoleSocket: '' },
        { files: place.files, timeout },
      );
      return more(place, before, PID);
    },
    maybe: (place, before) => more(place, before, anyPid),
  };
}

function whole(
  name: string,
  method: 'containerManager.Pause' | 'containerManager.Resume',
  state: 'paused' | 'running',
): Step {
  const after = (_place: Place, before: Model): Model =>
    mapContainers(before, (known) => ({ ...known, state }));
  return {
    name,
    run: async (place, before) => {
      await place.client.call(method, null, { timeout });
      return after(place, before);
    },
    maybe: after,
  };
}

function alone(
  name: string,
  method: 'runstate.PauseContainer' | 'runstate.ResumeContainer',
  state: 'paused' | 'running',
): Step {
  const after = (_place: Place, before: Model): Model =>
    mapContainers(before, (known, cid) => (cid === sub ? { ...known, state } : known));
  return {
    name,
    run: async (place, before) => {
      await place.client.call(method, { CID: sub }, { timeout });
      return after(place, before);
    },
    maybe: after,
  };
}
