/** A sandbox and its root container, which is its beginning and end. */
import test from 'ava';
import { destroySandbox } from '../../actors/operations/destroy-container.ts';
import { pauseContainer } from '../../actors/operations/pause-container.ts';
import { pauseSandbox, resumeSandbox } from '../../actors/operations/pause-sandbox.ts';
import { signalContainer } from '../../actors/operations/signal-container.ts';
import { waitContainer } from '../../actors/operations/wait-container.ts';
import { call, forever, open, refusal } from './support/system.ts';

const killed = { kind: 'signaled', signal: 9, coreDumped: false } as const;

test("when the root's program ends the others are killed, and their statuses stay to be asked for", async (t) => {
  const { id, system, run, create, exec, reaches } = await open(t);
  await run(id, ['trap', '15', '5']);
  await run('c');
  await run('paused');
  await pauseContainer(system, 'paused', call());
  await create('created');
  const waited = waitContainer(system, 'c', call());
  await signalContainer(system, id, { kind: 'init' }, 15, call());
  await reaches('stopped');
  t.deepEqual(await waited, killed);
  t.deepEqual(await waitContainer(system, 'paused', call()), killed);
  t.deepEqual(await waitContainer(system, 'created', call()), killed);
  t.deepEqual(await waitContainer(system, id, call()), { kind: 'exited', code: 5 });
  t.deepEqual(system.rootStatus, { kind: 'exited', code: 5 });
  t.is(await refusal(t, exec('c', forever)), 'cannot exec in container "c" in state stopped');
  t.is(await refusal(t, create('late')), `cannot create a container in sandbox "${id}" in state stopped`);
  await destroySandbox(system, call());
  t.deepEqual(system.rootStatus, { kind: 'exited', code: 5 });
});

test('a root that is killed while all stand still ends the sandbox', async (t) => {
  const { id, system, run, reaches } = await open(t);
  await run(id);
  await run('c');
  await pauseSandbox(system, call());
  await signalContainer(system, id, { kind: 'init' }, 9, call());
  await reaches('stopped');
  t.deepEqual(await waitContainer(system, 'c', call()), killed);
});

test("a sub-container's end does not end the sandbox", async (t) => {
  const { id, system, run, state, exec } = await open(t);
  await run(id);
  await run('c', ['exit', '1']);
  t.deepEqual(await waitContainer(system, 'c', call()), { kind: 'exited', code: 1 });
  t.is(state(), 'running');
  await exec(id, ['true']);
});

test('a root that ends at once ends the sandbox, however quick it was', async (t) => {
  const { id, system, run, reaches } = await open(t);
  await run(id, ['exit', '2']);
  await reaches('stopped');
  t.deepEqual(await waitContainer(system, id, call()), { kind: 'exited', code: 2 });
});

test('a pause that the platform refuses is told, and all goes on', async (t) => {
  const { id, system, faults, run, exec, reaches } = await open(t);
  await run(id);
  await run('c');
  faults.fail('freeze', new Error('too warm'));
  t.is(await refusal(t, pauseSandbox(system, call())), `cannot pause sandbox "${id}": too warm`);
  await reaches('running');
  for (const cid of [id, 'c']) await reaches('running', cid);
  await exec('c', ['true']);
  faults.mend('freeze');
  await pauseSandbox(system, call());
});

test('a resume that the platform refuses leaves it paused', async (t) => {
  const { id, system, faults, run, state, reaches } = await open(t);
  await run(id);
  await pauseSandbox(system, call());
  faults.fail('thaw', new Error('stuck'));
  t.is(await refusal(t, resumeSandbox(system, call())), `cannot resume sandbox "${id}": stuck`);
  t.is(state(), 'paused');
  faults.mend('thaw');
  await resumeSandbox(system, call());
  await reaches('running', id);
});

test('a destroy comes through a pause that hangs', async (t) => {
  const { id, system, faults, run, state } = await open(t);
  await run(id);
  const block = faults.block('freeze');
  const paused = t.throwsAsync(pauseSandbox(system, call()));
  await block.begun;
  await destroySandbox(system, call());
  t.is((await paused).message, `cannot pause sandbox "${id}": a destroy came in between`);
  t.is(state(), 'destroyed');
});

test('what cannot be destroyed is named; the rest is gone, and another destroy ends it', async (t) => {
  const { id, system, faults, run, state } = await open(t);
  await run(id);
  await run('c');
  faults.fail('close', new Error('it clings'));
  t.is(
    await refusal(t, destroySandbox(system, call())),
    `sandbox "${id}" was destroyed but left behind: it clings`,
  );
  t.is(state(), 'leaking');
  t.deepEqual(system.containers, []);
  faults.mend('close');
  await destroySandbox(system, call());
  t.is(state(), 'destroyed');
});
