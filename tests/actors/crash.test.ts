/** Charts that crash: by a fault planted in an event, as a bug would be. */
import test from 'ava';
import { destroyContainer, destroySandbox } from '../../actors/operations/destroy-container.ts';
import { pauseContainer } from '../../actors/operations/pause-container.ts';
import { signalContainer } from '../../actors/operations/signal-container.ts';
import { waitContainer } from '../../actors/operations/wait-container.ts';
import { isError } from '../../errors/index.ts';
import { call, forever, open, type Bench } from './support/system.ts';

/** No chart survives to read this. */
const fatal = {
  type: 'oomKilled',
  get count(): number {
    throw new Error('a bug');
  },
} as const;

/** Nor a sandbox's this. */
const fatalForSandbox = {
  type: 'cancel',
  get id(): never {
    throw new Error('a bug');
  },
} as const;

const crash = ({ system }: Bench, cid: string): void => system.container(cid).port.tell(fatal);

/** How many crashes within ten seconds are mended. */
const mended = 5;

test('a container that crashes goes on where it was, and its neighbours do not notice', async (t) => {
  const bench = await open(t);
  const { id, system, run, exec, state, reaches, errors } = bench;
  await run(id);
  await run('c', ['trap', '15', '6']);
  await run('p');
  await pauseContainer(system, 'p', call());
  const neighbour = waitContainer(system, id, call());
  const waits = [1, 2].map(() => waitContainer(system, 'c', call()));
  const refused = waits.map((one) => t.throwsAsync(one));
  crash(bench, 'c');
  crash(bench, 'p');
  for (const error of await Promise.all(refused)) {
    t.true(isError(error, 'ACTOR_GONE'), String(error));
    t.is(error.message, 'cannot wait for container "c": its actor failed: a bug');
  }
  await reaches('running', 'c');
  t.is(state('p'), 'paused');
  t.is(state(id), 'running');
  t.like(errors[0], { message: 'an actor crashed and is made anew', fields: { kind: 'container', id: 'c' } });
  await exec('c', ['true']);
  const again = waitContainer(system, 'c', call());
  await signalContainer(system, 'c', { kind: 'init' }, 15, call());
  t.deepEqual(await again, { kind: 'exited', code: 6 });
  crash(bench, 'c');
  t.deepEqual(await waitContainer(system, 'c', call()), { kind: 'exited', code: 6 });
  await destroySandbox(system, call());
  t.deepEqual(await neighbour, { kind: 'signaled', signal: 9, coreDumped: false });
});

for (const [step, verb, ask] of [
  ['create', 'create', ({ create }) => create('c')],
  ['freeze', 'pause', async ({ system }) => pauseContainer(system, 'c', call())],
  ['start', 'start', ({ start }) => start('c')],
] as const satisfies readonly (readonly [
  'create' | 'freeze' | 'start',
  string,
  (bench: Bench) => Promise<void>,
])[])
  test(`a container that crashes while it is being worked on (${step}) is leaking: the work is stopped, its asker told`, async (t) => {
    const bench = await open(t);
    const { id, system, faults, run, create, reaches } = bench;
    await run(id);
    if (step === 'freeze') await run('c');
    if (step === 'start') await create('c');
    const block = faults.block(step);
    const destroy = faults.block('destroy');
    const asked = t.throwsAsync(ask(bench));
    await block.begun;
    crash(bench, 'c');
    t.true(block.signal?.aborted);
    if (step === 'create') {
      // What could not be created is cleared away at once.
      await destroy.begun;
      destroy.letGo();
    }
    const error = await asked;
    t.true(isError(error, 'ACTOR_GONE'), String(error));
    t.is(error.message, `cannot ${verb} container "c": its actor failed: a bug`);
    if (step !== 'create') {
      await reaches('leaking', 'c');
      t.is(
        (await t.throwsAsync(pauseContainer(system, 'c', call()))).message,
        'cannot pause container "c" in state leaking',
      );
      destroy.letGo();
      await destroyContainer(system, 'c', call());
    }
    t.false(system.has('c'));
    await create('c');
  });

test('a container that crashes too often is given up; it can be destroyed still, and its id is free then', async (t) => {
  const bench = await open(t);
  const { id, system, run, exec, create, errors } = bench;
  await run(id);
  await run('c');
  for (let count = 0; count < mended; count++) {
    crash(bench, 'c');
    t.is(system.container('c').port.state, 'running');
    t.true(system.container('c').port.alive);
  }
  const waited = t.throwsAsync(waitContainer(system, 'c', call()));
  crash(bench, 'c');
  t.is((await waited).message, 'cannot wait for container "c": its actor failed: a bug');
  t.false(system.container('c').port.alive);
  t.like(errors.at(-1), { message: 'an actor crashed too often and is given up' });
  const error = await t.throwsAsync(exec('c', forever));
  t.true(isError(error, 'ACTOR_GONE'), String(error));
  t.is(error.message, 'cannot exec in container "c": its actor failed: a bug');
  await exec(id, ['true']);
  await destroyContainer(system, 'c', call());
  t.false(system.has('c'));
  await create('c');
});

test('a sandbox is destroyed with a container that was given up', async (t) => {
  const bench = await open(t);
  const { id, system, run, faults, state } = bench;
  await run(id);
  await run('c');
  for (let count = 0; count <= mended; count++) crash(bench, 'c');
  t.false(system.container('c').port.alive);
  await destroySandbox(system, call());
  t.is(state(), 'destroyed');
  t.true(faults.asked.includes('destroy c'));
});

test('a sandbox that was given up can be destroyed, by several at once, with all that is in it', async (t) => {
  const bench = await open(t);
  const { id, system, run, exec, faults } = bench;
  await run(id);
  await run('c');
  for (let count = 0; count <= mended; count++) system.port.tell(fatalForSandbox);
  t.false(system.port.alive);
  await exec('c', ['true']);
  await Promise.all([destroySandbox(system, call()), destroyContainer(system, id, call())]);
  await system.destroyed;
  t.false(system.has('c'));
  t.is(faults.asked.filter((asked) => asked === 'destroy c').length, 1);
});
