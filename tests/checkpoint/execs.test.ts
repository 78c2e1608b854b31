/** What was exec'd in a container goes on with it, and its end is still told; what cannot is named, never lost silently. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Sandbox, type Container } from '../../index.ts';
import { connectSandbox } from '../../library/find-sandbox.ts';
import { fromWaitStatus, type ExitStatus } from '../../platforms/exit-status.ts';
import type { ControlClient } from '../../transport/client/index.ts';
import { inTerminal, shows } from '../cli/in-terminal.ts';
import { makeCli, makePlace, numberIn, counts, real, rootfs, unique } from './support.ts';

/** Counts in memory, tells it to a file, and ends with 9 when it is asked to. */
const counter = (file: string): string =>
  `trap 'exit 9' USR1; i=0; while :; do i=$((i+1)); echo $i > /dev/shm/${file}; sleep 0.02; done`;
const quiet = { stdout: 'ignore', stderr: 'ignore' } as const;

const waitPid = async (client: ControlClient, cid: string, pid: number): Promise<ExitStatus> =>
  fromWaitStatus(
    await client.call(
      'containerManager.WaitPID',
      { CID: cid, PID: pid },
      { signal: AbortSignal.timeout(20_000) },
    ),
  );

const signal = (client: ControlClient, cid: string, pid: number, signo: number): Promise<unknown> =>
  client.call('containerManager.Signal', { CID: cid, PID: pid, Signo: signo, Mode: 0 });

const SIGUSR1 = 10;
const SIGKILL = 9;

real(
  'exec’d processes count on after a restore, take signals, and their ends are told as they were',
  async (t) => {
    const { root, file } = makePlace(t);
    const id = unique('new');
    const sandbox = await Sandbox.create({ root, id: unique('old'), rootfs });
    const { pid: first } = await sandbox.root.exec(['sh', '-c', counter('first')], quiet);
    const { pid: second } = await sandbox.root.exec(['sh', '-c', counter('second')], quiet);
    const of = (container: Container, name: string) => () => numberIn(container, `/dev/shm/${name}`);
    await counts(t, of(sandbox.root, 'first'), 5);
    await counts(t, of(sandbox.root, 'second'), 5);
    await sandbox.checkpoint(file('state'));
    await sandbox.destroy();

    await using back = await Sandbox.restore(file('state'), { root, id });
    const client = await connectSandbox(root, id);
    t.teardown(() => client.close());
    for (const name of ['first', 'second']) {
      const count = await of(back.root, name)();
      t.true(count > 5);
      await counts(t, of(back.root, name), count);
    }
    const found = (await back.processes()).map(({ pid }) => pid);
    t.true(found.includes(first) && found.includes(second));
    const ends = [waitPid(client, id, first), waitPid(client, id, second)];
    await signal(client, id, first, SIGUSR1);
    await signal(client, id, second, SIGKILL);
    t.deepEqual(await Promise.all(ends), [
      { kind: 'exited', code: 9 },
      { kind: 'signaled', signal: SIGKILL, coreDumped: false },
    ]);
  },
);

real(
  'exec’d without an init they are named and nothing is saved; --exec=kill ends them and saves the rest',
  async (t) => {
    const cli = makeCli(t);
    const [old, id] = [unique('old'), unique('new')];
    const image = join(cli.directory, 'image');
    await cli.quietly('run', '-d', '--init=none', '--rootfs', rootfs, old, '--', 'sh', '-c', counter('own'));
    await cli.quietly('exec', '-d', old, '--', 'sleep', '1000');
    const refused = await cli.run(['checkpoint', '--image-path', image, old]);
    t.is(refused.code, 1);
    t.regex(
      refused.stderr,
      /cannot checkpoint container "\S+": exec'd processes would be lost: \d+ \(sleep\);/,
    );
    const running = (await cli.ok('ps', old)).split('\n').filter((line) => line.includes('sleep'));
    t.true(running.length > 0, 'it goes on');
    await cli.ok('checkpoint', '--exec=kill', '--image-path', image, old);
    await cli.quietly('restore', '-d', '--image-path', image, id);
    await using back = await Sandbox.connect(id, { root: cli.root });
    const count = await numberIn(back.root, '/dev/shm/own');
    await counts(t, () => numberIn(back.root, '/dev/shm/own'), count);
  },
);

real('a shell that was exec’d at a terminal keeps its sandbox from being saved, and is named', async (t) => {
  const cli = makeCli(t);
  const [old, id] = [unique('old'), unique('new')];
  const image = join(cli.directory, 'image');
  await cli.quietly('run', '-d', '--rootfs', rootfs, old, '--', 'sleep', '1000');
  const session = inTerminal(t, cli, ['exec', '-t', old, '--', 'sh']);
  await shows(session, '# ');
  const refused = await cli.run(['checkpoint', '--image-path', image, old]);
  t.is(refused.code, 1);
  t.regex(refused.stderr, /cannot checkpoint container "\S+": exec'd processes would be lost: \d+ \(sh\);/);
  session.type('echo still $((6*7))\n');
  await shows(session, 'still 42\r\n');
  await cli.ok('checkpoint', '--exec=kill', '--image-path', image, old);
  t.is(await session.ended, 137);
  await cli.quietly('restore', '-d', '--image-path', image, id);
  t.regex(await cli.ok('ps', id), / sleep\n$/);
});

real(
  'a process that is stopped keeps its sandbox from being saved, and is named, until it continues',
  async (t) => {
    const { root, file } = makePlace(t);
    await using sandbox = await Sandbox.create({ root, id: unique('old'), rootfs });
    const stopped = await sandbox.root.exec(['sleep', '1000'], quiet);
    await stopped.signal('STOP');
    const refused = await t.throwsAsync(sandbox.checkpoint(file('state')));
    t.regex(refused.message, new RegExp(`processes are stopped by a signal: ${stopped.pid} \\(sleep\\);`));
    t.false(existsSync(file('state')));
    await stopped.signal('CONT');
    await sandbox.checkpoint(file('state'), { leaveRunning: true });
    t.is((await sandbox.root.state()).chart, 'running');
  },
);
