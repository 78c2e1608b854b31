import test from 'ava';
import { createActor, fromPromise } from 'xstate';
import { sandboxMachine } from '../../machines/sandbox.ts';
import type { SandboxWorkInput } from '../../machines/sandbox-setup.ts';

type Work =
  | ('open' | 'createRoot' | 'startRoot' | 'hold' | 'freeze' | 'thaw' | 'dump' | 'write' | 'clear')
  | ('stage' | 'load' | 'end' | 'destroy');

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
        dump: work('dump'),
        write: work('write'),
        clear: work('clear'),
        stage: work('stage'),
        load: work('load'),
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

test('the network is changed before there is a container and while one runs; a pause waits for that', async (t) => {
  const { actor, settle } = begin();
  t.false(actor.getSnapshot().can({ type: 'network', id: 'n' }));
  actor.send({ type: 'open', id: 'o1' });
  await settle('open');
  t.true(actor.getSnapshot().can({ type: 'network', id: 'n' }));
  actor.send({ type: 'create', id: 'c1' });
  await settle('createRoot');
  t.true(actor.getSnapshot().can({ type: 'network', id: 'n' }));
  actor.send({ type: 'destroy', id: 'd' });
  t.false(actor.getSnapshot().can({ type: 'network', id: 'n' }));
  const second = begin();
  await second.running();
  second.actor.send({ type: 'network', id: 'n' });
  second.actor.send({ type: 'pause', id: 'p' });
  t.is(second.state(), '{pausing:draining}');
  t.false(second.actor.getSnapshot().can({ type: 'network', id: 'm' }));
  second.actor.send({ type: 'settled', id: 'n' });
  t.is(second.state(), '{pausing:holding}');
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

/** What a checkpoint does until it is in that state, from running or paused. */
async function checkpointTo(
  { actor, settle }: ReturnType<typeof begin>,
  steps: readonly Work[],
  leaveRunning: boolean,
): Promise<void> {
  actor.send({ type: 'checkpoint', id: 'k', leaveRunning });
  for (const step of steps) await settle(step);
}

test('a checkpoint: all stand still, are dumped and written, and go; it is answered when nothing is left', async (t) => {
  const chart = begin();
  await chart.running();
  await checkpointTo(chart, ['hold', 'freeze', 'dump'], false);
  t.is(chart.state(), '{checkpointing:writing}');
  await chart.settle('write');
  t.is(chart.state(), 'clearing');
  t.deepEqual(chart.said, []);
  await chart.settle('clear');
  t.is(chart.state(), 'checkpointed');
  t.deepEqual(chart.said, ['reply k']);
});

test('left running, they go on as soon as they are dumped', async (t) => {
  const chart = begin();
  await chart.running();
  await checkpointTo(chart, ['hold', 'freeze', 'dump'], true);
  t.is(chart.state(), '{checkpointing:thawing}');
  await chart.settle('thaw');
  t.is(chart.state(), '{checkpointing:writing}');
  await chart.settle('write');
  t.is(chart.state(), 'running');
  t.deepEqual(chart.said, ['reply k']);
});

for (const [step, before] of [
  ['hold', []],
  ['freeze', ['hold']],
  ['dump', ['hold', 'freeze']],
  ['write', ['hold', 'freeze', 'dump']],
] as const satisfies readonly (readonly [Work, readonly Work[]])[])
  test(`a checkpoint that fails (${step}) leaves them running`, async (t) => {
    const chart = begin();
    await chart.running();
    await checkpointTo(chart, before, false);
    await chart.settle(step, new Error('no'));
    t.deepEqual(chart.said, [], 'not before they go on: whoever hears of it finds them so');
    t.is(chart.state(), 'resuming');
    await chart.settle('thaw');
    t.is(chart.state(), 'running');
    t.deepEqual(chart.said, ['failure k failed']);
  });

test('a checkpoint that fails is told by its own reason, also when they cannot go on', async (t) => {
  const chart = begin();
  await chart.running();
  await checkpointTo(chart, ['hold', 'freeze'], false);
  await chart.settle('dump', new Error('no'));
  await chart.settle('thaw', new Error('stuck'));
  t.is(chart.state(), 'paused');
  t.deepEqual(chart.said, ['failure k failed', 'trouble resuming']);
  // The next request is answered by what comes of it.
  chart.actor.send({ type: 'resume', id: 'r' });
  await chart.settle('thaw');
  t.deepEqual(chart.said, ['failure k failed', 'trouble resuming', 'reply r']);
});

for (const [step, before] of [
  ['dump', []],
  ['write', ['dump']],
] as const satisfies readonly (readonly [Work, readonly Work[]])[])
  test(`one of a paused sandbox that fails (${step}) leaves it paused`, async (t) => {
    const chart = begin();
    await chart.running();
    chart.actor.send({ type: 'pause', id: 'p' });
    await chart.settle('hold');
    await chart.settle('freeze');
    await checkpointTo(chart, before, true);
    await chart.settle(step, new Error('no'));
    t.deepEqual(chart.said, ['reply p', 'failure k failed']);
    t.is(chart.state(), 'paused');
  });

test('whose asker goes away in a dump: that is not torn, nothing is written, and they go on', async (t) => {
  const chart = begin();
  await chart.running();
  await checkpointTo(chart, ['hold', 'freeze'], false);
  chart.actor.send({ type: 'cancel', id: 'k' });
  t.is(chart.state(), '{checkpointing:dumping}');
  await chart.settle('dump');
  t.is(chart.state(), 'resuming');
  await chart.settle('thaw');
  t.is(chart.state(), 'running');
  t.deepEqual(chart.said, []);
});

test('a destroy while what was saved goes: the file is complete, and the checkpoint is answered', async (t) => {
  const chart = begin();
  await chart.running();
  await checkpointTo(chart, ['hold', 'freeze', 'dump', 'write'], false);
  chart.actor.send({ type: 'destroy', id: 'd' });
  t.deepEqual(chart.said, ['reply k']);
  t.is(chart.state(), 'destroying');
  await chart.settle('destroy');
  t.deepEqual(chart.said, ['reply k', 'reply d']);
});

test('a restore: the file is read before anything is made, and all go on together, or are held', async (t) => {
  for (const hold of [false, true]) {
    const { actor, said, settle, state } = begin();
    actor.send({ type: 'open', id: 'o' });
    await settle('open');
    actor.send({ type: 'restore', id: 'r', hold });
    t.is(state(), '{restoring:staging}');
    await settle('stage');
    t.is(state(), '{restoring:loading}');
    await settle('load');
    t.is(state(), hold ? 'restored' : 'resuming');
    t.deepEqual(said, hold ? ['reply o', 'reply r'] : ['reply o']);
    if (hold) actor.send({ type: 'resume', id: 'u' });
    await settle('thaw');
    t.is(state(), 'running');
    t.deepEqual(said, ['reply o', 'reply r', ...(hold ? ['reply u'] : [])]);
  }
});

test('one that is refused leaves the sandbox as it was; one that fails in its middle leaves none', async (t) => {
  const chart = begin();
  const { actor, said, settle, state } = chart;
  actor.send({ type: 'open', id: 'o' });
  await settle('open');
  actor.send({ type: 'restore', id: '1', hold: false });
  await settle('stage', new Error('no'));
  t.is(state(), 'empty');
  actor.send({ type: 'create', id: 'c' });
  await settle('createRoot');
  actor.send({ type: 'restore', id: '2', hold: false });
  await settle('stage', new Error('no'));
  t.is(state(), 'created');
  actor.send({ type: 'restore', id: '3', hold: false });
  await settle('stage');
  await settle('load', new Error('no'));
  t.is(state(), 'destroying');
  t.deepEqual(said, ['reply o', 'failure 1 failed', 'reply c', 'failure 2 failed', 'failure 3 failed']);
});
