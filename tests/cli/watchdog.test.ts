/** The watchdog of a supervisor in the background: a defect is planted in it, which blocks its event loop at a signal. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { readSupervisorFile, sandboxFiles } from '../../actors/run-directory/index.ts';
import { eventually, finish, makeCli, real, unique } from './support.ts';

/** Loaded by every program that runs; only the supervisor has it. */
const planted = `
if (process.argv.includes('boot'))
  process.on('SIGUSR2', function plantedBlock() {
    const end = Date.now() + 6000;
    while (Date.now() < end);
  });`;

real(
  'a blocked supervisor says so in its log while it is; then to who watches, and in its metrics',
  async (t) => {
    const cli = makeCli(t);
    const id = unique('watched');
    const plant = join(cli.directory, 'plant.cjs');
    writeFileSync(plant, planted);
    const env = { ...process.env, NODE_OPTIONS: `--require ${plant}` };
    const bundle = cli.bundle('bundle', ['sleep', '100']);
    const args = ['run', '--detach', '--bundle', bundle, id];
    t.is((await finish(cli.start(args, { env, stdio: 'ignore' }))).code, 0);
    const pid = readSupervisorFile(cli.root, id)?.pid ?? 0;
    const watching = cli.start(['watch', id]);
    const watched = finish(watching);
    await eventually(
      async () => (await cli.ok('debug', '--stacks', id)).includes('runstate.Observe') || undefined,
      'nobody watches',
    );
    // It begins to be watched a second after it is ready: before that nobody would tell.
    await eventually(
      async () =>
        /event_loop_lag_seconds_count [1-9]/.test(await cli.ok('debug', '--metrics', id)) || undefined,
      'it is not watched',
    );
    const { log } = sandboxFiles(cli.root, id);
    const lines = (): string => (existsSync(log) ? readFileSync(log, 'utf8') : '');
    process.kill(pid, 'SIGUSR2');
    await eventually(
      () => lines().includes('the event loop is blocked') || undefined,
      'it is not in the log',
    );
    t.false(lines().includes('an alarm is over'), 'it is told while it lasts');
    t.regex(
      lines(),
      new RegExp(`level=error .*sandbox=${id} alarm=event-loop .*plantedBlock .*plant\\.cjs:\\d+`),
    );
    await eventually(
      () => lines().includes('an alarm is over') || undefined,
      'it is not told that it is over',
    );
    t.regex(await cli.ok('debug', '--metrics', id), /runstate_alarms_total\{.*kind="event-loop"\} 1/);
    t.regex(await cli.ok('debug', '--stacks', id), /^alarms: none$/m);
    await cli.ok('delete', '--force', id);
    const { stdout } = await watched;
    t.regex(stdout, /ALARM the event loop: plantedBlock .*/);
    t.regex(stdout, /alarm over: the event loop, after \d{4,5} ms/);
  },
);

real('a supervisor that nobody blocks has none, and does not outlive its sandbox', async (t) => {
  const cli = makeCli(t);
  const id = unique('unwatched');
  const bundle = cli.bundle('bundle', ['sleep', '100']);
  await cli.quietly('run', '--detach', '--bundle', bundle, id);
  const pid = readSupervisorFile(cli.root, id)?.pid ?? 0;
  await after(3000);
  t.regex(await cli.ok('debug', '--metrics', id), /runstate_alarms_total\{.*kind="event-loop"\} 0/);
  await cli.ok('delete', '--force', id);
  await eventually(() => !existsSync(`/proc/${pid}`) || undefined, 'the supervisor lives on');
});
