/** Observers of a sandbox: what they are told, and that they cost nothing. */
import { closeSync, openSync, readdirSync, readlinkSync } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';
import { files } from '../../native/index.ts';
import { KnownSandbox } from '../../observation/known-sandbox.ts';
import type { ControlClient, Observation } from '../../transport/client/index.ts';
import { errorCodeOf } from '../../transport/client/index.ts';
import { freezerOf } from '../support/freezer.ts';
import { until } from '../support/waiting.ts';
import { realOneByOne, withSandbox } from './support.ts';

/** Ends of pipes that this process, which is client and server here, has open. */
const openPipes = (): number =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith('pipe:');
    } catch {
      // That by which the directory was read.
      return false;
    }
  }).length;

/** An observer at the other end of a pipe. */
class Reader {
  readonly calling: Promise<unknown>;
  readonly #fd: number;
  #text = '';

  constructor(client: ControlClient, History = false) {
    const { read, write } = files.pipe({ nonBlocking: true });
    this.#fd = read;
    this.calling = client
      .call('runstate.Observe', { History }, { files: [write] })
      .finally(() => files.close(write));
    this.calling.catch(() => undefined);
  }

  /** All that was told until now. */
  read(): readonly Observation[] {
    const into = Buffer.alloc(1 << 16);
    for (let got = files.read(this.#fd, into); typeof got === 'number'; got = files.read(this.#fd, into))
      this.#text += into.toString('utf8', 0, got);
    const whole = this.#text.slice(0, this.#text.lastIndexOf('\n') + 1);
    return whole
      .split('\n')
      .filter((line) => line !== '')
      .map((line): Observation => JSON.parse(line) as Observation);
  }

  async sees(what: (one: Observation) => boolean, why: string): Promise<void> {
    await until(() => this.read().some(what), why);
  }

  close(): void {
    files.close(this.#fd);
  }
}

const comesTo =
  (kind: string, to: string) =>
  (one: Observation): boolean =>
    one.type === 'transition' && one.kind === kind && one.to === to;

realOneByOne('everything as it is first, then each call and transition, until the sandbox is gone', (t) =>
  withSandbox(t, async ({ client, run, id }) => {
    await run(id);
    await run('sub');
    const reader = new Reader(client);
    try {
      await reader.sees(({ type }) => type === 'snapshot', 'no snapshot came');
      const [first] = reader.read();
      t.like(first, {
        type: 'snapshot',
        sandbox: { id, state: 'running' },
        containers: [
          { id, isRoot: true, state: 'running' },
          { id: 'sub', isRoot: false, state: 'running' },
        ],
      });
      await client.call('containerManager.Pause', null);
      await client.call('containerManager.Resume', null);
      await t.throwsAsync(client.call('containerManager.Resume', null));
      await reader.sees((one) => one.type === 'call' && one.phase === 'failed', 'no call failed');
      const told = reader.read();
      const pause = told.find((one) => one.type === 'call' && one.method === 'containerManager.Pause');
      const pausing = told.find(comesTo('sandbox', 'pausing'));
      if (pause?.type !== 'call' || pausing?.type !== 'transition') throw new Error('they were not told');
      t.is(pausing.correlation, pause.correlation, 'a transition names the call that it came by');
      t.deepEqual(
        told.flatMap((one) => (one.type === 'transition' && one.kind === 'sandbox' ? [one.path] : [])),
        ['pausing.holding', 'pausing.freezing', 'paused', 'resuming', 'running'],
      );
      t.deepEqual(pausing.edges, [
        { from: 'running', to: 'pausing', event: 'pause' },
        { from: 'pausing.draining', to: 'pausing.holding', event: '' },
      ]);
      const froze = told.filter((one) => one.type === 'step' && one.name === 'freeze');
      t.deepEqual(
        froze.map((one) => one.type === 'step' && [one.phase, one.id, one.correlation]),
        [
          ['began', '', pause.correlation],
          ['succeeded', '', pause.correlation],
        ],
        'the platform’s part names the call, too',
      );
      const failed = told.find((one) => one.type === 'call' && one.phase === 'failed');
      t.like(failed, { error: `cannot resume sandbox "${id}" in state running` });
      t.false(
        told.some((one) => one.type === 'call' && one.method === 'runstate.Observe'),
        'it is not told of itself',
      );
      await client.call('containerManager.Destroy', id);
      await reader.calling;
      t.true(reader.read().some(comesTo('sandbox', 'destroyed')));
    } finally {
      reader.close();
    }
  }),
);

realOneByOne('one that does not read holds up nobody; later it is told what it missed, and how all is', (t) =>
  withSandbox(t, async ({ client, run, id }) => {
    await run(id);
    const reader = new Reader(client);
    try {
      await reader.sees(({ type }) => type === 'snapshot', 'no snapshot came');
      // Two lines each: more than the pipe and what is kept for it.
      for (let i = 0; i < 8000; i++) await client.call('runstate.State', { CID: id });
      await client.call('containerManager.Pause', null);
      await reader.sees(({ type }) => type === 'dropped', 'nothing was left out');
      await reader.sees(
        (one) => one.type === 'snapshot' && one.sandbox.state === 'paused',
        'how it is then was not told',
      );
      const dropped = reader.read().find(({ type }) => type === 'dropped');
      t.true(dropped?.type === 'dropped' && dropped.count > 1000);
    } finally {
      reader.close();
    }
  }),
);

realOneByOne('one that has gone is let go, and nothing of it stays open', (t) =>
  withSandbox(t, async ({ client, run, id }) => {
    await run(id);
    await client.call('runstate.List', null);
    const before = openPipes();
    const reader = new Reader(client);
    await reader.sees(({ type }) => type === 'snapshot', 'no snapshot came');
    reader.close();
    // It is noticed when there is something to tell.
    await client.call('runstate.List', null);
    const error = await t.throwsAsync(reader.calling);
    t.is(errorCodeOf(error), 'SYSTEM');
    const second = new Reader(client);
    const abort = new AbortController();
    const nothing = openSync('/dev/null', 'w');
    const third = client
      .call('runstate.Observe', { History: false }, { files: [nothing], signal: abort.signal })
      .catch(() => undefined);
    await after(50);
    abort.abort();
    await third;
    closeSync(nothing);
    second.close();
    await client.call('runstate.List', null);
    await t.throwsAsync(second.calling);
    await until(() => openPipes() === before, 'a pipe is left open');
  }),
);

realOneByOne('one that comes later is told what has happened, as far as it is kept', (t) =>
  withSandbox(t, async ({ client, run, id }) => {
    await run(id);
    await client.call('runstate.Note', { Text: 'the load begins' });
    await client.call('containerManager.Pause', null);
    const reader = new Reader(client, true);
    try {
      await reader.sees(comesTo('sandbox', 'paused'), 'the pause was not told');
      const told = reader.read();
      t.like(told[0], { type: 'snapshot', sandbox: { id, state: 'registered' }, containers: [] });
      t.true(told.some(comesTo('container', 'created')));
      t.true(told.some((one) => one.type === 'note' && one.text === 'the load begins'));
      const known = new KnownSandbox();
      for (const one of told) known.take(one);
      t.like(known.snapshot?.sandbox, { state: 'paused', path: 'paused' });
      t.is(known.snapshot?.containers[0]?.state, 'paused');
      // Much more than is kept.
      for (let i = 0; i < 300; i++) await client.call('runstate.List', null);
      for (let i = 0; i < 1100; i++) await client.call('runstate.Note', { Text: `note ${i}` });
      const second = new Reader(client, true);
      try {
        await until(() => second.read().length > 1000, 'not all of it was told');
        const [first, ...rest] = second.read();
        t.like(first, { type: 'snapshot', sandbox: { state: 'paused' }, containers: [{ state: 'paused' }] });
        t.true(rest.length >= 1000 && rest.length < 1100, String(rest.length));
      } finally {
        second.close();
      }
    } finally {
      reader.close();
    }
  }),
);

realOneByOne('what a chart would take, who waits for it, and where the platform shows something else', (t) =>
  withSandbox(t, async ({ client, run, id }) => {
    await run(id);
    const look = () => client.call('runstate.Inspect', { Kind: 'container', ID: id });
    const waiting = client.call('containerManager.Wait', id);
    const before = await look();
    t.like(before, { State: 'running', Public: 'running', Differences: [] });
    t.like(before.Observed, { Init: 'there', Frozen: false });
    t.like(before.Pending, [{ Verb: 'wait' }]);
    const refusalOf = (event: string) => before.Events.find((one) => one.Event === event)?.Refusal;
    t.is(refusalOf('pause'), '');
    t.is(refusalOf('resume'), `cannot resume container "${id}" in state running`);

    // Behind the supervisor's back.
    const hostPid = (await client.call('runstate.State', { CID: id })).pid;
    const freezer = freezerOf(hostPid);
    freezer.set(true);
    try {
      await until(async () => (await look()).Differences.length > 0, 'no difference was told');
      t.deepEqual((await look()).Differences, ['it is running, but its processes are frozen']);
    } finally {
      freezer.set(false);
    }
    await until(async () => (await look()).Differences.length === 0, 'the difference stays');
    t.like(await client.call('runstate.Inspect', { Kind: 'sandbox', ID: id }), {
      State: 'running',
      Deadline: 0,
    });
    for (const ID of [`${id}/x`, `${id}/NaN`, `${id}/-1`, `${id}/`, '/', '', 'x', `${id}/1e999`])
      t.is(
        errorCodeOf(await t.throwsAsync(client.call('runstate.Inspect', { Kind: 'process', ID }))),
        'INVALID_ARGUMENT',
        ID,
      );
    const nobody = client.call('runstate.Inspect', { Kind: 'process', ID: `${id}/77` });
    t.is(errorCodeOf(await t.throwsAsync(nobody)), 'PROCESS_NOT_FOUND');
    await client.call('containerManager.Destroy', id);
    await waiting.catch(() => undefined);
  }),
);

realOneByOne('a transition names the call that made it, whatever others ask meanwhile', (t) =>
  withSandbox(t, async ({ client, run, id }) => {
    await run(id);
    const reader = new Reader(client);
    try {
      await reader.sees(({ type }) => type === 'snapshot', 'no snapshot came');
      const over = new AbortController();
      const looking = (async () => {
        while (!over.signal.aborted) await client.call('runstate.Stats', { CID: id });
      })();
      const waiting = client.call('containerManager.Wait', id);
      for (let i = 0; i < 10; i++) {
        await client.call('runstate.PauseContainer', { CID: id });
        await client.call('runstate.ResumeContainer', { CID: id });
      }
      over.abort();
      await looking;
      const told = reader.read();
      const methodOf = new Map(
        told.flatMap((one) => (one.type === 'call' ? [[one.correlation, one.method] as const] : [])),
      );
      const moves = told.filter((one) => one.type === 'transition');
      t.true(moves.length >= 40);
      t.deepEqual(
        [...new Set(moves.map((one) => `${one.path}: ${methodOf.get(one.correlation ?? '') ?? ''}`))].sort(),
        [
          'paused: runstate.PauseContainer',
          'pausing.freezing: runstate.PauseContainer',
          'resuming: runstate.ResumeContainer',
          'running: runstate.ResumeContainer',
        ],
      );
      await client.call('containerManager.Signal', { CID: id, Signo: 9, PID: 0, Mode: 0 });
      await waiting;
      await reader.sees(comesTo('container', 'stopped'), 'it did not end');
      const end = reader.read().find(comesTo('container', 'stopped'));
      t.is(end?.type === 'transition' ? end.correlation : '', undefined, 'nobody asked for its end');
    } finally {
      reader.close();
    }
  }),
);
