/** A supervisor that hangs, and a container that hinders what is done to it. */
import { readSupervisorFile } from '../../actors/run-directory/index.ts';
import { finish, makeCli, programsOf, real, rootfs, unique } from './support.ts';
import { until } from '../support/waiting.ts';

real('delete --force ends a supervisor that does not answer, and all that it had', async (t) => {
  const cli = makeCli(t);
  const id = unique('hangs');
  await cli.quietly('run', '--detach', '--rootfs', rootfs, id, '--', 'sleep', '1000');
  const pid = readSupervisorFile(cli.root, id)?.pid ?? 0;
  process.kill(pid, 'SIGSTOP');
  await cli.ok('delete', '--force', id);
  t.is(await cli.ok('list', '--quiet'), '');
  t.deepEqual(programsOf(cli.root), []);
});

real('watch is left by ^C, whatever its sandbox does', async (t) => {
  const cli = makeCli(t);
  const id = unique('watched');
  await cli.quietly('run', '--detach', '--rootfs', rootfs, id, '--', 'sleep', '1000');
  const watching = cli.start(['watch', '--format', 'json', id], { stdio: ['ignore', 'pipe', 'inherit'] });
  let told = '';
  watching.stdout?.on('data', (chunk: Buffer) => (told += chunk.toString()));
  await until(() => told.includes('snapshot'), 'nothing was told');
  const pid = readSupervisorFile(cli.root, id)?.pid ?? 0;
  process.kill(pid, 'SIGSTOP');
  const ended = finish(watching);
  watching.kill('SIGINT');
  t.is((await ended).code, 0);
  process.kill(pid, 'SIGCONT');
});

real('an exec that is interrupted ends as its signal says, whenever that comes', async (t) => {
  const cli = makeCli(t);
  const id = unique('execs');
  await cli.quietly('run', '--detach', '--rootfs', rootfs, id, '--', 'sleep', '1000');
  for (const delay of [90, 110, 130, 150, 250]) {
    const child = cli.start(['exec', id, '--', 'sleep', '34']);
    const ended = finish(child);
    await new Promise((resolve) => setTimeout(resolve, delay));
    child.kill('SIGTERM');
    const { code, stderr } = await ended;
    t.is(code, 143, `after ${delay} ms: ${stderr}`);
  }
});

real('a container that stops what is exec’d in it does not keep its sandbox from being paused', async (t) => {
  const cli = makeCli(t);
  const id = unique('nasty');
  // Without a fork: as quick as it can be. What reads leaves out the zeros between the words.
  const script =
    'while :; do for p in /proc/[0-9]*; do l=; read -r l < $p/cmdline; case "$l" in ' +
    '/dev/runstate-initexec*) kill -STOP ${p#/proc/};; esac; done 2> /dev/null; done';
  await cli.quietly('run', '--detach', '--cpus', '1', '--rootfs', rootfs, id, '--', 'sh', '-c', script);
  const exec = finish(cli.start(['exec', id, '--', 'true']));
  // It is to be under way: most are stopped then, and any that is not is done.
  await new Promise((resolve) => setTimeout(resolve, 400));
  await cli.ok('pause', id);
  t.regex(await cli.ok('state', id), /"status": "paused"/);
  const { code, stderr } = await exec;
  if (code !== 0) t.regex(stderr, /the container was to be paused, and it was not done in time/);
  else t.log('it was too quick to be stopped');
  await cli.ok('resume', id);
});
