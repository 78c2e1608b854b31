/** What is past its deadline, and a platform that does not answer, are told once when it begins and once when it is over. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { createActor, setup, type SnapshotFrom } from 'xstate';
import { listProcesses } from '../../actors/operations/inspect-container.ts';
import { destroyContainer } from '../../actors/operations/destroy-container.ts';
import { signalContainer } from '../../actors/operations/signal-container.ts';
import { waitContainer } from '../../actors/operations/wait-container.ts';
import type { AlarmNews } from '../../actors/watchdog/alarms.ts';
import { Watchdog } from '../../actors/watchdog/index.ts';
import { silent, type Logger } from '../../log/logger.ts';
import type { Emitted, RequestId } from '../../machines/replies.ts';
import { Port } from '../../actors/port/port.ts';
import { overdue } from '../../actors/watchdog/overdue.ts';
import { until } from '../support/waiting.ts';
import { call, deadlines, forever, open, type Bench } from './support/system.ts';

/** In ms; the event loop of a test may be busy with others. */
const limits = { beat: 20, blocked: 10_000, late: 200, answer: 200 };

/** Watches a sandbox until the test ends; what it tells. */
function watch(t: ExecutionContext, { system }: Bench, log: Logger = silent): readonly AlarmNews[] {
  const directory = mkdtempSync(join(tmpdir(), 'rs-watch-'));
  const told: AlarmNews[] = [];
  system.alarms.observe((news) => told.push(news));
  const place = { format: 'text', file: join(directory, 'log'), fields: {} } as const;
  const watchdog = new Watchdog({ log, place, systems: () => [system], limits });
  watchdog.start();
  t.teardown(async () => {
    await watchdog[Symbol.asyncDispose]();
    rmSync(directory, { recursive: true, force: true });
  });
  return told;
}

const inShort = (told: readonly AlarmNews[]): readonly string[] =>
  told.map(({ phase, alarm: { kind, thing } }) => `${phase} ${kind}: ${thing}`);

test('a platform that goes on though its signal is aborted, until it stops', async (t) => {
  const bench = await open(t, deadlines({ pausing: 50 }));
  const { id, system, faults, run } = bench;
  await run(id);
  const told = watch(t, bench);
  // It is held up, and does not listen to its signal.
  let letGo: () => void = () => undefined;
  faults.plant('freeze', () => new Promise((resolve) => (letGo = resolve)));
  await t.throwsAsync(
    system.container(id).port.ask((request) => ({ type: 'pause', id: request })),
    { message: /not done after 50 ms/ },
  );
  await until(() => told.length > 0, 'nothing is told');
  t.deepEqual(inShort(told), [`began platform: freeze of container "${id}"`]);
  t.regex(told[0]?.alarm.waitsFor ?? '', /does not stop though it was told to/);
  t.is(system.alarms.current.length, 1);
  await after(10 * limits.beat);
  t.is(told.length, 1, 'it is told once');
  letGo();
  await until(() => told.length > 1, 'it is not told that it is over');
  t.is(inShort(told)[1], `ended platform: freeze of container "${id}"`);
  t.deepEqual(system.alarms.current, []);
  t.is(system.alarms.count('platform'), 1);
});

test('a platform that does not answer what has no signal', async (t) => {
  const bench = await open(t, deadlines({}, {}, { signal: 50, inspect: 50 }));
  const { id, system, faults, run } = bench;
  await run(id);
  const told = watch(t, bench);
  faults.hang('signal');
  faults.hang('processes');
  const signalled = signalContainer(system, id, { kind: 'init' }, 15, call());
  signalled.catch(() => undefined);
  await t.throwsAsync(listProcesses(system, id, call()));
  await until(() => told.filter(({ alarm }) => alarm.kind === 'platform').length === 2, 'it is not told');
  t.deepEqual(
    inShort(told)
      .filter((text) => text.includes('platform'))
      .sort(),
    [`began platform: processes of container "${id}"`, `began platform: signal of container "${id}"`],
  );
});

test('an exec that does not end with its limit is overdue, and so is what it waits for', async (t) => {
  const bench = await open(t, deadlines({}, {}, { exec: 50 }));
  const { id, run, faults, exec } = bench;
  await run(id);
  const told = watch(t, bench);
  let letGo: () => void = () => undefined;
  faults.plant('exec', () => new Promise((resolve) => (letGo = resolve)));
  const asked = t.throwsAsync(exec(id, ['true']));
  await until(() => told.length === 2, 'it is not told');
  t.deepEqual([...inShort(told)].sort(), [
    `began overdue: exec of container "${id}"`,
    `began platform: exec of container "${id}"`,
  ]);
  const { alarm } = told.find((one) => one.alarm.kind === 'overdue') ?? {};
  t.regex(
    alarm?.waitsFor ?? '',
    new RegExp(`in state running: the platform is at exec of container "${id}"`),
  );
  letGo();
  await asked;
  await until(() => told.length === 4, 'it is not told that it is over');
});

test('a chart that stays in a state past its deadline', async (t) => {
  const planned = deadlines();
  const bench = await open(t, planned);
  const { id, run, faults, system } = bench;
  await run(id);
  const told = watch(t, bench);
  const block = faults.block('freeze');
  const asked = system.container(id).port.ask((request) => ({ type: 'pause', id: request }));
  await block.begun;
  // The chart has its timer already; from now on that is too late.
  Object.assign(planned.container, { pausing: 50 });
  await until(() => told.length > 0, 'it is not told');
  t.deepEqual(inShort(told), [`began overdue: container "${id}"`]);
  t.is(
    told[0]?.alarm.waitsFor,
    `the end of pausing, which was to last 50 ms: the platform is at freeze of container "${id}"`,
  );
  block.letGo();
  await asked;
  await until(() => told.length > 1, 'it is not told that it is over');
});

/** It takes every pause, and answers none. */
const forgetful = setup({
  types: {
    events: {} as { readonly type: 'pause' | 'wait'; readonly id: RequestId },
    emitted: {} as Emitted,
  },
}).createMachine({ initial: 'idle', states: { idle: { on: { '*': { actions: () => undefined } } } } });

test('a request that a chart has taken and forgotten, but not one that waits', async (t) => {
  const bench = await open(t);
  const port = new Port<
    { readonly type: 'pause' | 'wait'; readonly id: RequestId },
    SnapshotFrom<typeof forgetful>
  >({ kind: 'sandbox', id: 'forgetful', deadlines: {} });
  const actor = createActor(forgetful);
  port.attach(actor);
  actor.start();
  for (const type of ['pause', 'wait'] as const)
    void port.ask((id) => ({ type, id }), { correlation: type }).catch(() => undefined);
  const found = (at: number) =>
    overdue({ ...looked(bench), port, containers: [] }, at, limits).map(({ thing, waitsFor }) => [
      thing,
      waitsFor,
    ]);
  t.deepEqual(found(Date.now()), []);
  t.deepEqual(found(Date.now() + limits.late + 10), [
    [
      'pause of sandbox "forgetful"',
      'the answer to pause.1, in state idle: nothing of the platform is under way',
    ],
  ]);
  actor.stop();
});

const looked = ({ system: { deadlines: known, calls } }: Bench) => ({ deadlines: known, calls });

test('what waits for a process is never overdue, nor is a sandbox that is as it should be', async (t) => {
  const bench = await open(t, deadlines({}, {}, { exec: 50, inspect: 50, signal: 50 }));
  const { id, run, system } = bench;
  await run(id);
  const told = watch(t, bench);
  const waits = waitContainer(system, id, call()).catch(() => undefined);
  await after(800);
  t.deepEqual(told, []);
  await destroyContainer(system, id, call());
  await waits;
});

test('a sandbox that is gone ends its alarms', async (t) => {
  const bench = await open(t, deadlines({}, {}, { inspect: 50 }));
  const { id, system, faults, run } = bench;
  await run(id);
  const told: AlarmNews[] = [];
  system.alarms.observe((news) => told.push(news));
  const directory = mkdtempSync(join(tmpdir(), 'rs-watch-'));
  const place = { format: 'text', file: join(directory, 'log'), fields: {} } as const;
  let isThere = true;
  await using watchdog = new Watchdog({
    ...{ log: silent, place, limits, systems: () => (isThere ? [system] : []) },
  });
  watchdog.start();
  faults.hang('stats');
  void system.platform.stats(id);
  await until(() => told.length === 1, 'nothing is told');
  isThere = false;
  await until(() => told.length === 2, 'it is not told that it is over');
  t.is(told[1]?.phase, 'ended');
  rmSync(directory, { recursive: true });
});

test('a busy supervisor whose platform answers raises none', async (t) => {
  const bench = await open(t, deadlines({}, {}, { exec: 400, inspect: 400, signal: 400 }));
  const { id, system, run, exec } = bench;
  await run(id);
  const told = watch(t, bench);
  const end = Date.now() + 3000;
  let done = 0;
  const client = async (cid: string): Promise<void> => {
    while (Date.now() < end) {
      await run(cid, forever);
      await exec(cid, ['true']);
      await system.container(cid).port.ask((request) => ({ type: 'pause', id: request }));
      await system.container(cid).port.ask((request) => ({ type: 'resume', id: request }));
      await listProcesses(system, cid, call());
      await destroyContainer(system, cid, call());
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: 8 }, (_, number) => client(`c${number}`)));
  t.true(done > 100, `${done} lives`);
  t.deepEqual(inShort(told), []);
});
