import type { ContainerSpec } from '../../oci/types.ts';
import type { ControlClient } from '../../transport/client/index.ts';

/** One thing that a client asks of a sandbox. */
export interface Command {
  readonly name: string;
  readonly cid: string;
  /** The charts that are asked, in this order, and the event: one that refuses is what the client hears. */
  readonly asks: readonly { readonly kind: 'sandbox' | 'container'; readonly event: string }[];
  readonly run: (place: Place) => Promise<unknown>;
}

/** Where commands are run. */
export interface Place {
  readonly client: ControlClient;
  readonly root: string;
  /** /dev/null, thrice. */
  readonly files: readonly number[];
  readonly spec: (args: readonly string[]) => ContainerSpec;
}

export const subs = ['one', 'two'] as const;
const forever = ['sleep', '100000'];
const [SIGKILL, nothing] = [9, 0];

/** In ms: what takes longer hangs. */
const timeout = 20_000;

const chart = (event: string) => ({ kind: 'container', event }) as const;
const whole = (event: string) => ({ kind: 'sandbox', event }) as const;

/** All that may be asked of a sandbox with that root container, and of others, by their ids. */
export function commandsFor(root: string, others: readonly string[] = subs): readonly Command[] {
  const all = [root, ...others];
  return [
    { name: 'pause all', cid: root, asks: [whole('pause')], run: pauseAll },
    { name: 'resume all', cid: root, asks: [whole('resume')], run: resumeAll },
    ...others.flatMap((cid) => [create(cid), destroy(cid)]),
    ...all.flatMap((cid) => [
      start(cid, cid === root),
      pause(cid),
      resume(cid),
      exec(cid, ['true']),
      exec(cid, forever),
      signal(cid, SIGKILL),
      signal(cid, nothing),
      processes(cid),
    ]),
  ];
}

const pauseAll: Command['run'] = ({ client }) => client.call('containerManager.Pause', null, { timeout });
const resumeAll: Command['run'] = ({ client }) => client.call('containerManager.Resume', null, { timeout });

const create = (cid: string): Command => ({
  ...{ name: 'create', cid, asks: [whole('container.create')] },
  run: ({ client, files, spec }) =>
    client.call(
      'runstate.Create',
      { CID: cid, Bundle: '/', Spec: spec(forever), ConsoleSocket: '', NoPivot: false, NoNewKeyring: false },
      { files, timeout },
    ),
});

const destroy = (cid: string): Command => ({
  ...{ name: 'destroy', cid, asks: [chart('destroy')] },
  run: ({ client }) => client.call('containerManager.Destroy', cid, { timeout }),
});

const start = (cid: string, isRoot: boolean): Command => ({
  ...{ name: 'start', cid, asks: [chart('start'), whole(isRoot ? 'start' : 'container.start')] },
  run: ({ client }) => client.call('runstate.Start', { CID: cid }, { timeout }),
});

const pause = (cid: string): Command => ({
  ...{ name: 'pause', cid, asks: [chart('pause'), whole('container.pause')] },
  run: ({ client }) => client.call('runstate.PauseContainer', { CID: cid }, { timeout }),
});

const resume = (cid: string): Command => ({
  ...{ name: 'resume', cid, asks: [chart('resume'), whole('container.resume')] },
  run: ({ client }) => client.call('runstate.ResumeContainer', { CID: cid }, { timeout }),
});

const exec = (cid: string, args: readonly string[]): Command => ({
  ...{ name: `exec ${args[0] ?? ''}`, cid, asks: [chart('exec')] },
  run: ({ client, files }) => {
    const Process = { args, cwd: '/', env: ['PATH=/bin'], user: { uid: 0, gid: 0 } };
    return client.call('runstate.Execute', { CID: cid, Process, ConsoleSocket: '' }, { files, timeout });
  },
});

const signal = (cid: string, Signo: number): Command => ({
  ...{ name: `signal ${Signo}`, cid, asks: [chart('signal')] },
  run: ({ client }) =>
    client.call('containerManager.Signal', { CID: cid, Signo, PID: 0, Mode: 0 }, { timeout }),
});

const processes = (cid: string): Command => ({
  ...{ name: 'processes', cid, asks: [chart('inspect')] },
  run: ({ client }) => client.call('containerManager.Processes', cid, { timeout }),
});

export const shown = ({ name, cid }: Command): string => `${name} ${cid}`;
