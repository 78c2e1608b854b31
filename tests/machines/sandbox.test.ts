import test from 'ava';
import { createActor, fromPromise } from 'xstate';
import { sandboxMachine } from '../../machines/sandbox.ts';
import type { SandboxWorkInput } from '../../machines/sandbox-setup.ts';

type Work = 'open' | 'createRoot' | 'startRoot' | 'hold' | 'freeze' | 'thaw' | 'end' | 'destroy';

/** A sandbox's chart whose work settles when the test says so. */
function begin() {
  const running = new Map<
    Work,
    { resolve: () => void; reject: (error: Error) => void; signal: AbortSignal }
  >();
  const work = (name: Work) =>
    fromPromise<unknown, SandboxWorkInput>(
      ({ signal }) =>
        new Promise((resolve, reject) => {
          running.set(name, {
            resolve: () => {
              resolve(undefined);
            },
            reject,
            signal,
          });
        }),
    );
  const actor = createActor(
    sandboxMachine.provide({
      actors: {
        open: work('open'),
        createRoot: work('createRoot'),
        startRoot: work('startRoot'),
        hold: work('hold'),
        freeze: work('freeze'),
        thaw: work('thaw'),
        end: work('end'),
        destroy: work('destroy'),
      },
    }),
    { input: { sandbox: 's' } },
  );
  const said: string[] = [];
  actor.on('*', (emitted) =>
    said.push(
      emitted.type === 'trouble'
        ? `trouble ${emitted.doing}`
        : `${emitted.type} ${emitted.id}${emitted.type === 'failure' ? ` ${emitted.reason.kind}` : ''}`,
    ),
  );
  actor.start();
  const take = (name: Work) => {
    const found = running.get(name);
    if (found === undefined) throw new Error(`${name} is not running`);
    running.delete(name);
    return found;
  };
  const settle = async (name: Work, error?: Error) => {
    const { resolve, reject } = take(name);
    if (error === undefined) resolve();
    else reject(error);
    await new Promise(setImmediate);
  };
  const state = () => JSON.stringify(actor.getSnapshot().value).replaceAll('"', '');
  const running1 = async () => {
    actor.send({ type: 'open', id: 'o' });
    await settle('open');
    actor.send({ type: 'create', id: 'c' });
    await settle('createRoot');
    actor.send({ type: 'start', id: 's' });
    await settle('startRoot');
    said.length = 0;
  };
  return { actor, said, settle, take, state, running: running1 };
}

test('open, create, start, pause, resume, destroy: each is answered when it is done', async (t) => {
  const { actor, said, settle, state } = begin();
  actor.send({ type: 'open', id: '1' });
  t.is(state(), 'opening');
  await settle('open');
  t.is(state(), 'empty');
  actor.send({ type: 'create', id: '2' });
  await settle('createRoot');
  t.is(state(), 'created');
  actor.send({ type: 'start', id: '3' });
  await settle('startRoot');
  t.is(state(), 'running');
  actor.send({ type: 'pause', id: '4' });
  t.is(state(), '{pausing:holding}');
  await settle('hold');
  t.is(state(), '{pausing:freezing}');
  await settle('freeze');
  t.is(state(), 'paused');
  actor.send({ type: 'resume', id: '5' });
  await settle('thaw');
  t.is(state(), 'running');
  actor.send({ type: 'destroy', id: '6' });
  await settle('destroy');
  t.is(state(), 'destroyed');
  t.deepEqual(said, ['reply 1', 'reply 2', 'reply 3', 'reply 4', 'reply 5', 'reply 6']);
});

test('a pause waits for the changes of single containers that were admitted, and admits no more', async (t) => {
  const { actor, settle, state, running } = begin();
  await running();
  actor.send({ type: 'container.create', id: 'a' });
  actor.send({ type: 'pause', id: 'p' });
  t.is(state(), '{pausing:draining}');
  t.false(actor.getSnapshot().can({ type: 'container.create', id: 'b' }));
  actor.send({ type: 'settled', id: 'a' });
  t.is(state(), '{pausing:holding}');
  await settle('hold');
  await settle('freeze');
  t.is(state(), 'paused');
});

test('a pause that fails is undone', async (t) => {
  const { actor, said, settle, state, running } = begin();
  await running();
  actor.send({ type: 'pause', id: 'p' });
  await settle('hold');
  await settle('freeze', new Error('no freezer'));
  t.is(state(), 'resuming');
  await settle('thaw');
  t.is(state(), 'running');
  t.deepEqual(said, ['failure p failed']);
});

test("the root container's end ends the sandbox, from running and from paused", async (t) => {
  for (const pause of [false, true]) {
    const { actor, settle, state, running } = begin();
    await running();
    if (pause) {
      actor.send({ type: 'pause', id: 'p' });
      await settle('hold');
      await settle('freeze');
    }
    actor.send({ type: 'rootEnded' });
    t.is(state(), 'ending');
    await settle('end');
    t.is(state(), 'stopped');
  }
});

test('a root container that ends while it is being created is not forgotten', async (t) => {
  const { actor, settle, state } = begin();
  actor.send({ type: 'open', id: 'o' });
  await settle('open');
  actor.send({ type: 'create', id: 'c' });
  actor.send({ type: 'rootEnded' });
  await settle('createRoot');
  t.is(state(), 'ending');
});

test('after a create that failed another one may come, and what is left of the first does no harm', async (t) => {
  const { actor, said, settle, state } = begin();
  actor.send({ type: 'open', id: 'o' });
  await settle('open');
  actor.send({ type: 'create', id: 'c' });
  await settle('createRoot', new Error('no such file'));
  t.is(state(), 'empty');
  actor.send({ type: 'rootEnded' });
  actor.send({ type: 'create', id: 'd' });
  await settle('createRoot');
  t.is(state(), 'created');
  t.deepEqual(said, ['reply o', 'failure c failed', 'reply d']);
});

test('destroy ends what is under way: its work is aborted and its asker told', async (t) => {
  const { actor, said, take, settle, state } = begin();
  actor.send({ type: 'open', id: 'o' });
  await settle('open');
  actor.send({ type: 'create', id: 'c' });
  const create = take('createRoot');
  actor.send({ type: 'destroy', id: 'd' });
  actor.send({ type: 'destroy', id: 'e' });
  t.true(create.signal.aborted);
  await settle('destroy');
  t.is(state(), 'destroyed');
  t.deepEqual(said, ['reply o', 'failure c overtaken', 'reply d', 'reply e']);
});

test('a destroy that leaves something may be asked again', async (t) => {
  const { actor, said, settle, state, running } = begin();
  await running();
  actor.send({ type: 'destroy', id: 'd' });
  await settle('destroy', new Error('a cgroup is busy'));
  t.is(state(), 'leaking');
  actor.send({ type: 'destroy', id: 'e' });
  await settle('destroy');
  t.is(state(), 'destroyed');
  t.deepEqual(said, ['failure d failed', 'trouble destroying', 'reply e']);
});
