/** What a port refuses, tells and gives up: asked through a sandbox on a platform in memory. */
import test from 'ava';
import { destroyContainer } from '../../actors/operations/destroy-container.ts';
import { pauseContainer, resumeContainer } from '../../actors/operations/pause-container.ts';
import { pauseSandbox } from '../../actors/operations/pause-sandbox.ts';
import { registerContainer } from '../../actors/operations/register-container.ts';
import { signalContainer } from '../../actors/operations/signal-container.ts';
import { listProcesses } from '../../actors/operations/inspect-container.ts';
import { waitContainer } from '../../actors/operations/wait-container.ts';
import { isError } from '../../errors/index.ts';
import { call, forever, open, refusal, type Bench } from './support/system.ts';

const signalTerm = ({ system }: Bench, cid: string) =>
  signalContainer(system, cid, { kind: 'init' }, 15, call());

test('what the chart does not take now is refused at once, in these words, and the platform hears nothing', async (t) => {
  const bench = await open(t);
  const { id, system, faults, create, start, run, exec } = bench;
  const refused = async (work: Promise<unknown>, message: string): Promise<void> => {
    const { length } = faults.asked;
    t.is(await refusal(t, work), message);
    t.is(faults.asked.length, length, message);
  };
  await refused(start('none'), 'container "none" does not exist');
  await refused(create('early'), `cannot create a container in sandbox "${id}" in state empty`);
  await create(id);
  await refused(create(id), `container "${id}" already exists`);
  await create('c');
  await refused(waitContainer(system, 'c', call()), 'container "c" not started');
  await refused(exec('c', forever), 'container "c" not started');
  await refused(pauseContainer(system, 'c', call()), 'cannot pause container "c" in state created');
  await refused(resumeContainer(system, 'c', call()), 'cannot resume container "c" in state created');
  await refused(start('c'), `cannot start a container in sandbox "${id}" in state created`);
  await start(id);
  await start('c');
  await refused(start('c'), 'cannot start container "c" in state running');
  await refused(resumeContainer(system, 'c', call()), 'cannot resume container "c" in state running');
  registerContainer(system, 'r');
  await refused(signalTerm(bench, 'r'), 'container "r" not started');
  await refused(start('r'), 'cannot start container "r" in state registered');
  await pauseContainer(system, 'c', call());
  await refused(exec('c', forever), 'cannot exec in container "c" in state paused');
  await refused(pauseContainer(system, 'c', call()), 'cannot pause container "c" in state paused');
  await run('over', ['exit', '3']);
  await waitContainer(system, 'over', call());
  await refused(
    signalTerm(bench, 'over'),
    'cannot signal container "over" in state stopped: container not running',
  );
  await refused(exec('over', forever), 'cannot exec in container "over" in state stopped');
  await refused(listProcesses(system, 'over', call()), 'cannot inspect container "over" in state stopped');
  await refused(pauseContainer(system, 'over', call()), 'cannot pause container "over" in state stopped');
  await pauseSandbox(system, call());
  await refused(create('late'), `cannot create a container in sandbox "${id}" in state paused`);
  await refused(resumeContainer(system, 'c', call()), 'cannot resume container "c" in state paused');
  await refused(pauseSandbox(system, call()), `cannot pause sandbox "${id}" in state paused`);
});

test("a request's correlation id goes along with all that it brings about, and with nothing else", async (t) => {
  const { id, transitions, create, start } = await open(t);
  await create(id, forever, { correlation: 'first' });
  await start(id, { correlation: 'second' });
  await create('c', forever, { correlation: 'third' });
  const of = (correlation: string) =>
    transitions
      .filter((one) => one.correlation === correlation)
      .map(({ kind, to }) => `${kind} ${to}`)
      .sort();
  t.deepEqual(of('first'), [
    'container created',
    'container creating',
    'container registered',
    'sandbox created',
    'sandbox creating',
  ]);
  t.deepEqual(of('second'), [
    'container running',
    'container starting',
    'sandbox running',
    'sandbox starting',
  ]);
  t.deepEqual(of('third'), ['container created', 'container creating', 'container registered']);
});

test('each request has an id of its own, made up where none is given', async (t) => {
  const { id, system, run } = await open(t);
  await run(id);
  const { port } = system.container(id);
  const ids: string[] = [];
  const note = (request: string) => {
    ids.push(request);
    return { type: 'wait', id: request } as const;
  };
  const waits = [port.ask(note), port.ask(note), port.ask(note, { correlation: 'mine' })];
  t.is(new Set(ids).size, 3);
  t.true(ids[2]?.startsWith('mine.'));
  t.is(port.pending, 3);
  await destroyContainer(system, id, call());
  for (const status of await Promise.all(waits))
    t.deepEqual(status, { kind: 'signaled', signal: 9, coreDumped: false });
  t.is(port.pending, 0);
});

test('who has gone before asking asks nothing', async (t) => {
  const { id, system, faults, run, exec, start, create } = await open(t);
  await run(id);
  await create('c');
  const { length } = faults.asked;
  const gone = { signal: AbortSignal.abort() };
  t.is(await refusal(t, start('c', gone)), 'start of container "c" was cancelled');
  t.is(await refusal(t, exec(id, forever, gone)), `exec in of container "${id}" was cancelled`);
  t.is(
    await refusal(t, waitContainer(system, id, call(gone))),
    `wait for of container "${id}" was cancelled`,
  );
  t.is(faults.asked.length, length);
  t.is(system.container(id).port.pending, 0);
});

test('who goes away during a create is answered at once; the work is stopped, and the id is free', async (t) => {
  const { id, system, faults, run, create } = await open(t);
  await run(id);
  const block = faults.block('create');
  const controller = new AbortController();
  const created = create('c', forever, { signal: controller.signal });
  await block.begun;
  controller.abort();
  const error = await t.throwsAsync(created);
  t.true(isError(error, 'CANCELLED'));
  t.is(error.message, 'create of container "c" was cancelled');
  t.true(block.signal?.aborted);
  t.false(system.has('c'));
  await create('c');
});

test('who goes away during a start leaves it to go on', async (t) => {
  const { id, faults, run, create, start, reaches } = await open(t);
  await run(id);
  await create('c');
  const block = faults.block('start');
  const controller = new AbortController();
  const started = start('c', { signal: controller.signal });
  await block.begun;
  controller.abort();
  t.is(await refusal(t, started), 'start of container "c" was cancelled');
  t.false(block.signal?.aborted);
  block.letGo();
  await reaches('running', 'c');
});

test('who goes away during an exec is told so when that has stopped', async (t) => {
  const { id, system, faults, run, exec } = await open(t);
  await run(id);
  const block = faults.block('exec');
  const controller = new AbortController();
  const execed = exec(id, forever, { signal: controller.signal });
  await block.begun;
  controller.abort();
  const error = await t.throwsAsync(execed);
  t.true(isError(error, 'CANCELLED'), String(error));
  t.true(block.signal?.aborted);
  t.is((await listProcesses(system, id, call())).length, 1);
  t.deepEqual(system.container(id).port.snapshot?.context.operations, []);
});

test('of many who wait one may go away; the others are told', async (t) => {
  const { id, system, run } = await open(t);
  await run(id, ['trap', '15', '4']);
  const controller = new AbortController();
  const going = waitContainer(system, id, call({ signal: controller.signal }));
  const waits = [1, 2, 3].map(() => waitContainer(system, id, call()));
  controller.abort();
  t.true(isError(await t.throwsAsync(going), 'CANCELLED'));
  t.is(system.container(id).port.snapshot?.context.waiters.length, 3);
  await signalContainer(system, id, { kind: 'init' }, 15, call());
  for (const status of await Promise.all(waits)) t.deepEqual(status, { kind: 'exited', code: 4 });
});

test('when the actor dies of a destroy, whoever still waits is told that', async (t) => {
  const { id, system, faults, run } = await open(t);
  await run(id);
  registerContainer(system, 'r');
  const block = faults.block('destroy');
  const destroyed = destroyContainer(system, 'r', call());
  await block.begun;
  const waited = waitContainer(system, 'r', call());
  const { port } = system.container('r');
  block.letGo();
  await destroyed;
  const error = await t.throwsAsync(waited);
  t.true(isError(error, 'ACTOR_GONE'), String(error));
  t.is(error.message, 'cannot wait for container "r": it has been destroyed');
  t.is(
    await refusal(
      t,
      port.ask((request) => ({ type: 'start', id: request })),
    ),
    'cannot start container "r": it has been destroyed',
  );
  t.is(port.pending, 0);
});
