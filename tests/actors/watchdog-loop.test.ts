/** An event loop that does not turn is told while it is so, by whatever it is blocked. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { LagHistogram } from '../../actors/watchdog/event-loop/lag.ts';
import { isObservation } from '../../observation/export-file.ts';
import { ControlClient, sandboxSocket, type Observation } from '../../transport/client/index.ts';
import { followSandbox } from '../../library/follow-sandbox.ts';
import { until } from '../support/waiting.ts';

const program = fileURLToPath(new URL('support/watched-supervisor.js', import.meta.url));

interface Watched {
  readonly child: ChildProcess;
  readonly client: ControlClient;
  readonly plant: (line: string) => void;
  /** Lines of its log with that message. */
  readonly logged: (msg: string) => readonly Readonly<Record<string, unknown>>[];
}

async function start(t: ExecutionContext): Promise<Watched> {
  const directory = mkdtempSync(join(tmpdir(), 'rs-watch-'));
  const [root, log, id] = [join(directory, 'root'), join(directory, 'log'), `w${process.pid}`];
  const child = spawn(process.execPath, [program, root, id, log], { stdio: ['pipe', 'pipe', 'inherit'] });
  const client = new ControlClient([sandboxSocket(root, id)]);
  t.teardown(async () => {
    client.close();
    if (child.exitCode === null && child.kill('SIGKILL')) await once(child, 'exit');
    rmSync(directory, { recursive: true, force: true });
  });
  await once(child.stdout, 'data');
  return {
    ...{ child, client },
    plant: (line) => child.stdin.write(`${line}\n`),
    logged: (msg) =>
      (existsSync(log) ? readFileSync(log, 'utf8') : '')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
        .filter((line) => line['msg'] === msg),
  };
}

const blocked = 'the event loop is blocked';
const over = 'an alarm is over';

test.serial(
  'one that JavaScript blocks is in the log while it is, with the stack; and told afterwards',
  async (t) => {
    const { client, plant, logged } = await start(t);
    const told: Observation[] = [];
    const following = new AbortController();
    const follow = followSandbox(client, { withHistory: true, signal: following.signal }, (lines) => {
      for (const line of lines.split('\n').filter((one) => one !== '')) {
        const value: unknown = JSON.parse(line);
        if (isObservation(value)) told.push(value);
      }
    });
    await until(() => told.length > 0, 'nothing is told');
    plant('spin 6000');
    await until(() => logged(blocked).length === 1, 'it is not in the log');
    t.is(logged(over).length, 0, 'it is still blocked');
    const [line] = logged(blocked);
    t.like(line, { level: 'error', alarm: 'event-loop' });
    t.regex(JSON.stringify(line?.['stack']), /^\["plantedSpin \(.*watched-supervisor\.js:\d+:\d+\)",/);
    await until(() => logged(over).length === 1, 'it is not told that it is over');
    const ms = Number(logged(over)[0]?.['ms']);
    t.true(ms >= 5900 && ms < 12_000, `${ms} ms`);
    await until(() => told.filter(({ type }) => type === 'alarm').length === 2, 'observers are not told');
    const alarms = told.filter((one) => one.type === 'alarm');
    t.deepEqual(
      alarms.map(({ phase, kind, number }) => [phase, kind, number]),
      [
        ['began', 'event-loop', 1],
        ['ended', 'event-loop', 1],
      ],
    );
    t.regex(alarms[0]?.stack?.[0] ?? '', /^plantedSpin /);
    t.is(alarms[1]?.duration, ms);
    const { text } = await client.call('Metrics.Export', { only_metrics: 'alarms|lag' });
    t.regex(text, /^runstate_alarms\{sandbox="w\d+",kind="event-loop"\} 0$/m);
    t.regex(text, /^runstate_alarms_total\{sandbox="w\d+",kind="event-loop"\} 1$/m);
    t.regex(text, /^runstate_supervisor_event_loop_lag_seconds_bucket\{le="\+Inf"\} \d+$/m);
    const [, below = '', all = ''] = /le="2.5"\} (\d+)[^]*_count (\d+)/.exec(text) ?? [];
    t.is(Number(all) - Number(below), 1, 'one beat came more than 2.5 s too late');
    t.is(logged(blocked).length, 1);
    following.abort();
    await follow.catch(() => undefined);
  },
);

test.serial(
  'one that a system call blocks is told without a stack, and goes on as if nothing had been',
  async (t) => {
    const { client, plant, logged, child } = await start(t);
    plant('sleep 6000');
    await until(() => logged(blocked).length === 1, 'it is not in the log');
    t.is(logged(over).length, 0, 'it is still blocked');
    t.is(logged(blocked)[0]?.['stack'], undefined);
    t.regex(String(logged(blocked)[0]?.['kernel']), /poll|wait|unknown/);
    await until(() => logged(over).length === 1, 'it is not told that it is over');
    t.is((await client.call('runstate.List', null)).length, 0, 'it answers');
    // By itself: neither the thread nor the timer of the watchdog keeps it.
    client.close();
    child.stdin?.end();
    const [code] = (await once(child, 'exit')) as [number | null];
    t.is(code, 0);
  },
);

test.serial('what stops the whole process is no blocked loop', async (t) => {
  const { client, logged, child } = await start(t);
  child.kill('SIGSTOP');
  await after(3000);
  child.kill('SIGCONT');
  await after(2000);
  t.deepEqual(logged(blocked), []);
  t.is((await client.call('runstate.List', null)).length, 0);
});

test('the lag is a histogram', (t) => {
  const lag = new LagHistogram();
  for (const seconds of [0, 0.005, 0.006, 3, 100]) lag.observe(seconds);
  const of = new Map(lag.buckets);
  t.deepEqual([of.get(0.005), of.get(0.01), of.get(2.5), of.get(5), of.get(10)], [2, 3, 3, 4, 4]);
  t.is(lag.count, 5);
  t.is(lag.sum, 103.011);
});
