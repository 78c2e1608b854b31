import test from 'ava';
import { SimulatedClock, createActor, fromPromise } from 'xstate';
import { containerMachine } from '../../machines/container.ts';
import type { WorkInput } from '../../machines/container-setup.ts';

type Work = 'create' | 'start' | 'freeze' | 'thaw' | 'destroy';

/** A container's chart whose work settles when the test says so, on a clock that the test moves. */
function begin() {
  const clock = new SimulatedClock();
  const running = new Map<Work, { done: () => void; fail: (error: Error) => void; signal: AbortSignal }>();
  const work = (name: Work) =>
    fromPromise<unknown, WorkInput>(
      ({ signal }) =>
        new Promise((resolve, reject) => {
          running.set(name, {
            done: () => {
              resolve(undefined);
            },
            fail: reject,
            signal,
          });
        }),
    );
  const machine = containerMachine.provide({
    actors: {
      create: work('create'),
      start: work('start'),
      freeze: work('freeze'),
      thaw: work('thaw'),
      destroy: work('destroy'),
    },
  });
  const actor = createActor(machine, { clock, input: { cid: 'c', isRoot: false } });
  const said: string[] = [];
  actor.on('reply', ({ id, result }) =>
    said.push(result === undefined ? id : `${id}=${JSON.stringify(result)}`),
  );
  actor.on('failure', ({ id, reason }) => said.push(`${id}!${reason.kind}`));
  actor.start();
  const settle = async (name: Work, error?: Error) => {
    const one = running.get(name);
    if (one === undefined) throw new Error(`${name} is not under way`);
    running.delete(name);
    if (error === undefined) one.done();
    else one.fail(error);
    await new Promise(setImmediate);
  };
  const is = (state: string) => actor.getSnapshot().matches(state as 'running');
  const toRunning = async () => {
    actor.send({ type: 'create', id: 'c', start: true });
    await settle('create');
    await settle('start');
    said.length = 0;
  };
  return { actor, clock, running, said, settle, is, toRunning };
}

test('created, started, stopped, destroyed', async (t) => {
  const { actor, said, settle, is } = begin();
  actor.send({ type: 'create', id: 'c' });
  await settle('create');
  t.true(is('created'));
  actor.send({ type: 'start', id: 's' });
  await settle('start');
  t.true(is('running'));
  actor.send({ type: 'exited', status: 7 });
  t.true(is('stopped'));
  actor.send({ type: 'destroy', id: 'd' });
  await settle('destroy');
  t.true(is('destroyed'));
  t.deepEqual(said, ['c', 's', 'd']);
});

test('one that ends while it is being started was started, and its status is handed to all who wait', async (t) => {
  const { actor, said, settle, is } = begin();
  actor.send({ type: 'create', id: 'c' });
  await settle('create');
  actor.send({ type: 'start', id: 's' });
  actor.send({ type: 'wait', id: 'w' });
  actor.send({ type: 'exited', status: 3 });
  t.deepEqual(said, ['c', 'w=3']);
  await settle('start');
  t.true(is('stopped'));
  actor.send({ type: 'wait', id: 'later' });
  t.deepEqual(said, ['c', 'w=3', 's', 'later=3']);
});

test('the status is written once', async (t) => {
  const { actor, toRunning } = begin();
  await toRunning();
  actor.send({ type: 'exited', status: 1 });
  actor.send({ type: 'exited', status: 2 });
  t.is(actor.getSnapshot().context.status, 1);
});

test('a failed creation leaves the id registered', async (t) => {
  const { actor, said, settle, is } = begin();
  actor.send({ type: 'create', id: 'c' });
  await settle('create', new Error('no'));
  t.true(is('registered'));
  t.deepEqual(said, ['c!failed']);
});

test('when the asker goes away during the creation, what was made is destroyed', async (t) => {
  const { actor, running, settle, is } = begin();
  actor.send({ type: 'create', id: 'c' });
  const creation = running.get('create');
  actor.send({ type: 'cancel', id: 'c' });
  t.true(is('destroying'));
  t.true(creation?.signal.aborted);
  await settle('destroy');
  t.true(is('destroyed'));
});

test('a pause waits for execs under way, and lets none begin', async (t) => {
  const { actor, running, settle, is, toRunning } = begin();
  await toRunning();
  actor.send({ type: 'exec', id: 'e' });
  actor.send({ type: 'pause', id: 'p' });
  t.false(running.has('freeze'));
  t.false(actor.getSnapshot().can({ type: 'exec', id: 'f' }));
  actor.send({ type: 'settled', id: 'e' });
  t.true(running.has('freeze'));
  await settle('freeze');
  t.true(is('paused'));
});

test('a container that ends while it is being frozen is stopped, and the pause fails', async (t) => {
  const { actor, said, settle, is, toRunning } = begin();
  await toRunning();
  actor.send({ type: 'pause', id: 'p' });
  actor.send({ type: 'exited', status: 0 });
  await settle('freeze');
  t.true(is('stopped'));
  t.deepEqual(said, ['p!ended']);
});

test('paused alone and with its sandbox: it goes on when both have ended', async (t) => {
  const { actor, settle, is, toRunning } = begin();
  await toRunning();
  actor.send({ type: 'pause', id: 'p' });
  await settle('freeze');
  actor.send({ type: 'frozen' });
  t.false(actor.getSnapshot().can({ type: 'resume', id: 'r' }), 'the sandbox holds it');
  actor.send({ type: 'thawed' });
  t.true(is('paused'));
  actor.send({ type: 'resume', id: 'r' });
  await settle('thaw');
  t.true(is('running'));
});

test('destroy overtakes what is under way, answers all who ask, and tries again after a failure', async (t) => {
  const { actor, said, settle, is, toRunning } = begin();
  await toRunning();
  actor.send({ type: 'pause', id: 'p' });
  actor.send({ type: 'destroy', id: 'd' });
  actor.send({ type: 'destroy', id: 'e' });
  await settle('destroy', new Error('busy'));
  t.true(is('leaking'));
  t.deepEqual(said, ['p!overtaken', 'd!failed', 'e!failed']);
  actor.send({ type: 'destroy', id: 'f' });
  await settle('destroy');
  t.true(is('destroyed'));
});

for (const [state, deadline, way] of [
  ['creating', 60_000, 'destroying'],
  ['starting', 30_000, 'destroying'],
  ['pausing', 10_000, 'resuming'],
  ['resuming', 10_000, 'paused'],
  ['holding', 10_000, 'running'],
  ['destroying', 60_000, 'leaking'],
] as const)
  test(`nothing stays ${state} for ever: at its deadline it is ${way}`, async (t) => {
    const { actor, clock, said, settle, is, toRunning } = begin();
    if (state === 'creating') actor.send({ type: 'create', id: 'x' });
    else if (state === 'starting') {
      actor.send({ type: 'create', id: 'c' });
      await settle('create');
      actor.send({ type: 'start', id: 'x' });
    } else await toRunning();
    if (state === 'pausing') actor.send({ type: 'pause', id: 'x' });
    if (state === 'holding') {
      actor.send({ type: 'exec', id: 'e' });
      actor.send({ type: 'suspend', id: 'x' });
    }
    if (state === 'destroying') actor.send({ type: 'destroy', id: 'x' });
    if (state === 'resuming') {
      actor.send({ type: 'pause', id: 'p' });
      await settle('freeze');
      actor.send({ type: 'resume', id: 'x' });
    }
    t.true(is(state));
    clock.increment(deadline - 1);
    t.true(is(state));
    clock.increment(1);
    t.true(is(way), JSON.stringify(actor.getSnapshot().value));
    t.true(said.includes('x!deadline'), said.join());
  });

test('nothing but destroy is taken when something is left behind', async (t) => {
  const { actor, settle, toRunning } = begin();
  await toRunning();
  actor.send({ type: 'destroy', id: 'd' });
  await settle('destroy', new Error('left'));
  const snapshot = actor.getSnapshot();
  for (const type of ['create', 'start', 'pause', 'resume', 'exec', 'signal', 'inspect'] as const)
    t.false(snapshot.can({ type, id: 'x' }), type);
  t.true(snapshot.can({ type: 'destroy', id: 'x' }));
});
