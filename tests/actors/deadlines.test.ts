/** Nothing that a platform lets hang stays so for ever. */
import test from 'ava';
import { destroyContainer, destroySandbox } from '../../actors/operations/destroy-container.ts';
import { listProcesses, readStats } from '../../actors/operations/inspect-container.ts';
import { openSandbox } from '../../actors/operations/open-sandbox.ts';
import { pauseContainer, resumeContainer } from '../../actors/operations/pause-container.ts';
import { pauseSandbox, resumeSandbox } from '../../actors/operations/pause-sandbox.ts';
import { signalContainer } from '../../actors/operations/signal-container.ts';
import { until } from '../../actors/port/until.ts';
import { isError } from '../../errors/index.ts';
import type { Step } from './support/faults.ts';
import { call, deadlines, forever, make, open, type Bench } from './support/system.ts';

/** Short, but long enough for what is not held up on a busy machine. */
const ms = 1500;

/** What is asked of a container that is in `from`, whose platform hangs in `step`. */
const ofContainer: readonly {
  readonly state: 'creating' | 'starting' | 'pausing' | 'resuming' | 'destroying';
  readonly step: Step;
  readonly verb: string;
  /** Where it is afterwards; undefined: gone, its id free. */
  readonly then: string | undefined;
  readonly prepare: (bench: Bench) => Promise<void>;
  readonly ask: (bench: Bench) => Promise<unknown>;
}[] = [
  {
    ...{ state: 'creating', step: 'create', verb: 'create', then: undefined },
    prepare: () => Promise.resolve(),
    ask: ({ create }) => create('c'),
  },
  {
    ...{ state: 'starting', step: 'start', verb: 'start', then: undefined },
    prepare: ({ create }) => create('c'),
    ask: ({ start }) => start('c'),
  },
  {
    ...{ state: 'pausing', step: 'freeze', verb: 'pause', then: 'running' },
    prepare: ({ run }) => run('c'),
    ask: ({ system }) => pauseContainer(system, 'c', call()),
  },
  {
    ...{ state: 'resuming', step: 'thaw', verb: 'resume', then: 'paused' },
    prepare: async ({ run, system }) => {
      await run('c');
      await pauseContainer(system, 'c', call());
    },
    ask: ({ system }) => resumeContainer(system, 'c', call()),
  },
  {
    ...{ state: 'destroying', step: 'destroy', verb: 'destroy', then: 'leaking' },
    prepare: ({ run }) => run('c'),
    ask: ({ system }) => destroyContainer(system, 'c', call()),
  },
];

for (const { state, step, verb, then, prepare, ask } of ofContainer)
  test.serial(`a container whose platform hangs while it is ${state}: its asker is told`, async (t) => {
    const bench = await open(t, deadlines({ [state]: ms }));
    const { id, system, faults, run, reaches } = bench;
    await run(id);
    await prepare(bench);
    faults.hang(step);
    const error = await t.throwsAsync(ask(bench));
    if (!isError(error, 'DEADLINE')) throw error;
    t.is(error.message, `cannot ${verb} container "c": not done after ${ms} ms`);
    t.is(error.phase, state);
    faults.mend(step);
    if (then !== undefined) await reaches(then, 'c');
    else {
      if (system.has('c')) await until(system.container('c').port, () => false, AbortSignal.timeout(5000));
      t.false(system.has('c'));
    }
    t.is(system.port.state, 'running', 'the sandbox does not mind');
  });

test.serial('a sandbox that does not open in time is not left half-made', async (t) => {
  const { id, system, faults, reaches } = make(t, deadlines({}, { opening: ms }));
  faults.hang('open');
  const error = await t.throwsAsync(openSandbox(system, call()));
  t.is(error.message, `cannot open sandbox "${id}": not done after ${ms} ms`);
  await reaches('destroyed');
});

test.serial('a sandbox without a root container does not stay for ever', async (t) => {
  const { reaches, system } = await open(t, deadlines({}, { empty: ms }));
  await reaches('destroyed');
  await t.notThrowsAsync(system.destroyed);
});

test.serial('a sandbox that cannot be frozen in time goes on, its containers too', async (t) => {
  const { id, system, faults, run, exec, reaches } = await open(t, deadlines({}, { pausing: ms }));
  await run(id);
  await run('c');
  faults.hang('freeze');
  const error = await t.throwsAsync(pauseSandbox(system, call()));
  t.is(error.message, `cannot pause sandbox "${id}": not done after ${ms} ms`);
  await reaches('running');
  await reaches('running', id);
  await reaches('running', 'c');
  await exec('c', ['true']);
});

test.serial('a sandbox that cannot be thawed in time stays paused, and may be asked again', async (t) => {
  const { id, system, faults, run, reaches, state } = await open(t, deadlines({}, { resuming: ms }));
  await run(id);
  await pauseSandbox(system, call());
  faults.hang('thaw');
  const error = await t.throwsAsync(resumeSandbox(system, call()));
  t.is(error.message, `cannot resume sandbox "${id}": not done after ${ms} ms`);
  t.is(state(), 'paused');
  faults.mend('thaw');
  await resumeSandbox(system, call());
  await reaches('running', id);
});

test.serial('a sandbox that cannot be destroyed in time is leaking, and may be asked again', async (t) => {
  const { id, system, faults, run, state } = await open(t, deadlines({}, { destroying: ms }));
  await run(id);
  faults.hang('close');
  const error = await t.throwsAsync(destroySandbox(system, call()));
  t.is(error.message, `cannot destroy sandbox "${id}": not done after ${ms} ms`);
  t.is(state(), 'leaking');
  faults.mend('close');
  await destroySandbox(system, call());
  t.is(state(), 'destroyed');
});

test.serial(
  'a root container that ends while its neighbours cannot be killed does not keep the sandbox from stopping',
  async (t) => {
    const { id, system, faults, run, reaches, errors } = await open(t, deadlines({}, { ending: ms }));
    await run(id, ['trap', '15', '0']);
    await run('c');
    await signalContainer(system, id, { kind: 'init' }, 15, call());
    faults.hang('signal');
    await reaches('stopped');
    t.like(errors[0], {
      message: 'work that nobody asked for has failed',
      fields: { doing: 'ending', why: 'deadline' },
    });
  },
);

for (const [step, verb, ask] of [
  ['exec', 'exec in', ({ exec }) => exec('c', forever)],
  ['signal', 'signal', ({ system }) => signalContainer(system, 'c', { kind: 'init' }, 0, call())],
  ['processes', 'inspect', ({ system }) => listProcesses(system, 'c', call())],
  ['stats', 'inspect', ({ system }) => readStats(system, 'c', call())],
] as const satisfies readonly (readonly [Step, string, (bench: Bench) => Promise<unknown>])[])
  test.serial(`work in a running container has a deadline: ${step}`, async (t) => {
    const bench = await open(t, deadlines({}, {}, { exec: ms, signal: ms, inspect: ms }));
    const { id, system, faults, run, state } = bench;
    await run(id);
    await run('c');
    // An exec has a signal by which it is stopped; the others have none.
    if (step === 'exec') faults.block(step);
    else faults.hang(step);
    const error = await t.throwsAsync(ask(bench));
    t.true(isError(error, 'DEADLINE'), String(error));
    t.is(error.message, `cannot ${verb} container "c": not done after ${ms} ms`);
    t.is(state('c'), 'running');
    t.deepEqual(system.container('c').port.snapshot?.context.operations, []);
  });

test.serial('who goes away does not wait for a platform that hangs', async (t) => {
  const { id, system, faults, run } = await open(t);
  await run(id);
  faults.hang('processes');
  const controller = new AbortController();
  const listed = listProcesses(system, id, call({ signal: controller.signal }));
  controller.abort();
  t.is((await t.throwsAsync(listed)).message, `inspect of container "${id}" was cancelled`);
});
