/** One container, asked by several at once. */
import test from 'ava';
import { destroyContainer } from '../../actors/operations/destroy-container.ts';
import { pauseContainer, resumeContainer } from '../../actors/operations/pause-container.ts';
import { pauseSandbox, resumeSandbox } from '../../actors/operations/pause-sandbox.ts';
import { signalContainer } from '../../actors/operations/signal-container.ts';
import { waitContainer } from '../../actors/operations/wait-container.ts';
import { waitProcess } from '../../actors/operations/wait-process.ts';
import { isError } from '../../errors/index.ts';
import { call, forever, open, refusal } from './support/system.ts';

const exited = (code: number) => ({ kind: 'exited', code }) as const;

for (const scope of ['container', 'sandbox'] as const)
  test(`a pause of a ${scope} waits for execs under way, and none begins meanwhile`, async (t) => {
    const { id, system, faults, run, exec, reaches, state } = await open(t);
    await run(id);
    await run('c');
    const block = faults.block('exec');
    const execed = exec('c', forever);
    await block.begun;
    const paused = scope === 'container' ? pauseContainer(system, 'c', call()) : pauseSandbox(system, call());
    const between = scope === 'container' ? 'pausing' : 'holding';
    await reaches(between, 'c');
    t.is(await refusal(t, exec('c', forever)), `cannot exec in container "c" in state ${between}`);
    t.false(faults.asked.some((step) => step.startsWith('freeze')));
    block.letGo();
    const { pid } = await execed;
    await paused;
    t.is(state('c'), 'paused');
    t.true(faults.asked.some((step) => step.startsWith('freeze')));
    if (scope === 'container') await resumeContainer(system, 'c', call());
    else await resumeSandbox(system, call());
    await signalContainer(system, 'c', { kind: 'process', pid }, 15, call());
    t.deepEqual(await waitProcess(system, 'c', pid, call()), {
      kind: 'signaled',
      signal: 15,
      coreDumped: false,
    });
  });

for (const step of ['create', 'start', 'freeze'] as const)
  test(`a destroy overtakes what is under way (${step}), and all who ask for it are answered by its end`, async (t) => {
    const { id, system, faults, run, create, start, state } = await open(t);
    await run(id);
    if (step === 'freeze') await run('c');
    if (step === 'start') await create('c');
    const block = faults.block(step);
    const asked = t.throwsAsync(
      step === 'create' ? create('c') : step === 'start' ? start('c') : pauseContainer(system, 'c', call()),
    );
    await block.begun;
    const destroys = [1, 2, 3].map(() => destroyContainer(system, 'c', call()));
    t.true(block.signal?.aborted);
    const verb = step === 'freeze' ? 'pause' : step;
    t.is((await asked).message, `cannot ${verb} container "c": a destroy came in between`);
    await Promise.all(destroys);
    t.false(system.has('c'));
    t.is(faults.asked.filter((one) => one === 'destroy c').length, 1);
    t.is(state(id), 'running');
  });

test('a destroy that fails leaves a container that only takes another one', async (t) => {
  const { id, system, faults, run, exec, state } = await open(t);
  await run(id);
  await run('c');
  faults.fail('destroy', new Error('it clings'));
  t.is(await refusal(t, destroyContainer(system, 'c', call())), 'cannot destroy container "c": it clings');
  t.is(state('c'), 'leaking');
  t.is(await refusal(t, exec('c', forever)), 'cannot exec in container "c" in state leaking');
  faults.mend('destroy');
  await destroyContainer(system, 'c', call());
  t.false(system.has('c'));
});

test('of two starts at once one is refused, and the program starts once', async (t) => {
  const { id, faults, create, start, state } = await open(t);
  for (const cid of [id, 'c']) {
    await create(cid);
    const outcomes = await Promise.allSettled([start(cid), start(cid)]);
    t.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected'], cid);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected')
        t.true(isError(outcome.reason, 'WRONG_STATE'), String(outcome.reason));
    t.is(faults.asked.filter((step) => step === `start ${cid}`).length, 1);
    t.is(state(cid), 'running');
  }
});

test('of two creates of one id at once one is refused, and the other is not harmed', async (t) => {
  const { id, system, create, run } = await open(t);
  await run(id);
  const outcomes = await Promise.allSettled([create('c'), create('c')]);
  t.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  t.true(system.has('c'));
});

test('a start that fails may be tried again', async (t) => {
  const { id, faults, run, create, start, state } = await open(t);
  await run(id);
  await create('c');
  faults.fail('start', new Error('not now'));
  t.is(await refusal(t, start('c')), 'cannot start container "c": not now');
  t.is(state('c'), 'created');
  faults.mend('start');
  await start('c');
});

test('a create that fails leaves the id free, and a command that is not there is told as such', async (t) => {
  const { id, system, run, create } = await open(t);
  await run(id);
  const error = await t.throwsAsync(create('c', ['nope']));
  t.true(isError(error, 'COMMAND_NOT_FOUND'), String(error));
  t.false(system.has('c'));
  await create('c');
});

test("all who wait for a container get its init's status, whenever and as often as they ask", async (t) => {
  const { id, system, run } = await open(t);
  await run(id);
  await run('c', ['trap', '15', '9']);
  const waits = Array.from({ length: 50 }, () => waitContainer(system, 'c', call()));
  await signalContainer(system, 'c', { kind: 'init' }, 15, call());
  for (const status of await Promise.all(waits)) t.deepEqual(status, exited(9));
  t.deepEqual(await waitContainer(system, 'c', call()), exited(9));
  t.deepEqual(await waitContainer(system, 'c', call()), exited(9));
});

test('the status of an exec is handed out once: to all who wait when it ends, else to the first who asks', async (t) => {
  const { id, system, run, exec } = await open(t);
  await run(id);
  const first = await exec(id, ['trap', '15', '2']);
  const waits = [1, 2, 3].map(() => waitProcess(system, id, first.pid, call()));
  await signalContainer(system, id, { kind: 'process', pid: first.pid }, 15, call());
  for (const status of await Promise.all(waits)) t.deepEqual(status, exited(2));
  const later = await t.throwsAsync(waitProcess(system, id, first.pid, call()));
  t.true(isError(later, 'PROCESS_NOT_FOUND'), String(later));
  t.is(later.message, `container "${id}" has no process ${first.pid}`);

  const second = await exec(id, ['exit', '3']);
  await new Promise((resolve) => setTimeout(resolve, 20));
  t.deepEqual(await waitProcess(system, id, second.pid, call()), exited(3));
  t.true(isError(await t.throwsAsync(waitProcess(system, id, second.pid, call())), 'PROCESS_NOT_FOUND'));
});

test('a waiter that went away has not taken the status with it', async (t) => {
  const { id, system, run, exec } = await open(t);
  await run(id);
  const { pid } = await exec(id, ['trap', '15', '2']);
  const controller = new AbortController();
  const going = t.throwsAsync(waitProcess(system, id, pid, call({ signal: controller.signal })));
  controller.abort();
  t.is((await going).message, `wait for of process "${id}/${pid}" was cancelled`);
  await signalContainer(system, id, { kind: 'process', pid }, 15, call());
  t.deepEqual(await waitProcess(system, id, pid, call()), exited(2));
});

test('execs that end with their container are told to those who wait', async (t) => {
  const { id, system, run, exec } = await open(t);
  await run(id);
  await run('c');
  const { pid } = await exec('c', forever);
  const waited = waitProcess(system, 'c', pid, call());
  await destroyContainer(system, 'c', call());
  t.deepEqual(await waited, { kind: 'signaled', signal: 9, coreDumped: false });
});
