/** `runstate watch`: what is shown of a sandbox. */
import { stripVTControlCharacters } from 'node:util';
import test from 'ava';
import { ageText, drawScene } from '../../cli/watch/draw.ts';
import type { TransitionObservation } from '../../observation/types.ts';
import { Scene } from '../../cli/watch/scene.ts';
import { eventually, finish, makeCli, real, unique } from './support.ts';

const snapshot = {
  type: 'snapshot',
  at: 1000,
  sandbox: { id: 'web', state: 'running', since: 1000 },
  containers: [{ id: 'web', isRoot: true, state: 'running', since: 1000, processes: [] }],
} as const;

const moved = (
  kind: 'sandbox' | 'container' | 'process',
  id: string,
  from: string,
  to: string,
  at = 2000,
): TransitionObservation => ({ type: 'transition', at, kind, id, from, to, path: to, edges: [] });

test('the tree follows what is told', (t) => {
  const scene = new Scene();
  scene.take(snapshot);
  scene.take(moved('container', 'sub', '', 'creating'));
  scene.take(moved('container', 'sub', 'creating', 'created'));
  scene.take(moved('process', 'web/7', '', 'running'));
  scene.take(moved('process', 'web/8', '', 'running'));
  scene.take(moved('process', 'web/7', 'running', 'reaped'));
  t.deepEqual(
    scene.snapshot?.containers.map(({ id, state, processes }) => [id, state, processes.map((one) => one.id)]),
    [
      ['web', 'running', ['web/8']],
      ['sub', 'created', []],
    ],
  );
  scene.take(moved('container', 'sub', 'destroying', 'destroyed'));
  t.is(scene.snapshot?.containers.length, 1);
  scene.take(moved('sandbox', 'web', 'running', 'pausing', 3000));
  t.like(scene.snapshot?.sandbox, { state: 'pausing', since: 3000 });
});

test('a screen has the tree above, the last that happened below, and no line is wider', (t) => {
  const scene = new Scene();
  scene.take(snapshot);
  for (let i = 0; i < 100; i++)
    scene.take({
      type: 'call',
      at: i,
      phase: 'began',
      method: `${'long.'.repeat(20)}${i}`,
      correlation: 'x',
    });
  const drawn = stripVTControlCharacters(drawScene(scene, { columns: 40, rows: 12 }, 61_000)).split('\n');
  t.is(drawn.length, 11);
  t.is(drawn[0], 'sandbox web  running 1m00s');
  t.is(drawn[1], '  root container web  running 1m00s');
  t.regex(drawn[2] ?? '', /^─+$/);
  t.true(drawn.every((line) => line.length <= 40));
});

test('an alarm is in red above the tree while it lasts, and a line each when it begins and is over', (t) => {
  const scene = new Scene();
  scene.take(snapshot);
  const alarm = { number: 1, kind: 'platform', thing: 'freeze of container "web"', since: 2000 } as const;
  const waitsFor = 'the platform';
  scene.take({ type: 'alarm', at: 2500, phase: 'began', ...alarm, waitsFor });
  const draw = (): readonly string[] =>
    stripVTControlCharacters(drawScene(scene, { columns: 80, rows: 20 }, 5000)).split('\n');
  t.is(draw()[0], 'ALARM freeze of container "web" for 3.0s: the platform');
  scene.take({ type: 'alarm', at: 5000, phase: 'ended', ...alarm, waitsFor, duration: 3000 });
  t.is(draw()[0], 'sandbox web  running 4.0s');
  t.deepEqual(
    scene.happenings.map(({ text }) => text),
    ['ALARM freeze of container "web": the platform', 'alarm over: freeze of container "web", after 3000 ms'],
  );
});

test('before anything is told it says so', (t) => {
  t.regex(drawScene(new Scene(), { columns: 80, rows: 24 }, 0), /waiting for the sandbox/);
});

test('ages are short', (t) => {
  t.deepEqual([0, 3210, 250_000, 7_500_000].map(ageText), ['0.0s', '3.2s', '4m10s', '2h05m']);
});

real('it lists what happens until the sandbox is gone, as text and as JSON', async (t) => {
  const cli = makeCli(t);
  const id = unique('watch');
  const bundle = cli.bundle('bundle', ['sleep', '100']);
  await cli.quietly('run', '--detach', '--bundle', bundle, id);
  const [text, json] = [cli.start(['watch', id]), cli.start(['watch', '--format', 'json', id])];
  const both = Promise.all([finish(text), finish(json)]);
  await eventually(
    async () =>
      (await cli.ok('debug', '--stacks', id)).match(/runstate\.Observe/g)?.length === 2 || undefined,
    'nobody watches',
  );
  await cli.ok('pause', id);
  await cli.ok('delete', '--force', id);
  const [shown, lines] = await both;
  t.is(shown.code, 0);
  t.regex(shown.stdout, new RegExp(`^[\\d:.]+ {2}sandbox ${id}: pausing \\S+ paused$`, 'm'));
  t.regex(shown.stdout, /containerManager\.Pause after \d+ ms/);
  t.is(lines.code, 0);
  const [first] = lines.stdout.split('\n');
  t.like(JSON.parse(first ?? ''), { type: 'snapshot', sandbox: { id, state: 'running' } });
});

real('a sandbox that is not there is told', async (t) => {
  const { code, stderr } = await makeCli(t).run(['watch', 'nobody']);
  t.is(code, 1);
  t.regex(stderr, /container "nobody" does not exist/);
});
