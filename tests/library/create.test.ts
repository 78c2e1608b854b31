/** What a sandbox is made of: its file system, limits, environment. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Sandbox } from 'runstate';
import { eventually, real, rootfs, shell, withPlace } from './support.ts';

real('from a directory, which the container sees and may not write to', (t) =>
  withPlace(t, 'directory', async ({ create, id, root }) => {
    await using sandbox = await create();
    t.is(sandbox.id, id);
    t.is(sandbox.root.id, id);
    const state = await sandbox.root.state();
    t.is(state.status, 'running');
    t.true(state.bundle.startsWith(join(root, 'sandboxes', id)), state.bundle);
    const { stdout } = await shell(sandbox.root, 'ls /bin/busybox; touch /mark 2>&1');
    t.regex(stdout, /^\/bin\/busybox\ntouch: \/mark: Read-only file system/);
  }),
);

for (const [what, flags] of [
  ['a tar file', '-cf'],
  ['a tar file that gzip compressed', '-czf'],
] as const)
  real(`from ${what}: the container has a copy of its own, and may write to it`, (t) =>
    withPlace(t, 'tar', async ({ create, directory }) => {
      const archive = join(directory, 'image');
      mkdirSync(join(directory, 'extra'));
      writeFileSync(join(directory, 'extra', 'motto'), 'from the archive\n');
      execFileSync('tar', [flags, archive, '-C', rootfs, '.', '-C', join(directory, 'extra'), 'motto']);
      const bytes = readFileSync(archive);
      await using sandbox = await create({ rootfs: archive });
      const script = 'cat /motto; echo changed > /motto; cat /motto';
      t.is((await shell(sandbox.root, script)).stdout, 'from the archive\nchanged\n');
      // Another container without a file system of its own has the root container's.
      const other = await sandbox.run(['/bin/cat', '/motto'], { stdout: 'ignore' });
      t.deepEqual(await other.wait(), { kind: 'exited', code: 0 });
      t.true(readFileSync(archive).equals(bytes));
    }),
  );

real('limits are kept: memory, number of processes, processor time', (t) =>
  withPlace(t, 'limits', async ({ create }) => {
    await using sandbox = await create({ limits: { memory: '32m', pids: 20, cpus: 0.5 } });
    const { memory, pids } = await sandbox.root.stats();
    t.is(memory.usage.limit, 32n * 1024n * 1024n);
    t.is(pids.limit, 20n);
    const forks = await shell(sandbox.root, 'i=0; while [ $i -lt 40 ]; do sleep 1 & i=$((i+1)); done');
    t.regex(forks.stderr, /can't fork: Resource temporarily unavailable/);
    const isAlone = async (): Promise<true | undefined> =>
      (await sandbox.root.processes()).length === 1 ? true : undefined;
    await eventually(isAlone, 'the sleeps end');
    const hungry = await shell(sandbox.root, 'exec tail /dev/zero');
    t.is(hungry.signal, 9);
    t.is(hungry.exitCode, 137);
    t.true((await sandbox.root.state()).oomKills >= 1);
  }),
);

real('environment, directory, user and host name reach the root program and what is executed', (t) =>
  withPlace(t, 'environment', async ({ create }) => {
    const script = 'echo "$GREETING $(pwd) $(id -u):$(id -g) $(hostname) $PATH"; exec sleep 1000';
    const options = { env: { GREETING: 'hello' }, cwd: '/tmp', user: { uid: 1000, gid: 1001 } };
    await using sandbox = await create({ ...options, hostname: 'box', args: ['/bin/sh', '-c', script] });
    const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
    for await (const piece of sandbox.root.stdout ?? []) {
      t.is(String(piece), `hello /tmp 1000:1001 box ${path}\n`);
      break;
    }
    const { stdout } = await shell(sandbox.root, 'echo "$GREETING $(pwd) $(id -u):$(id -g)"', {
      env: { GREETING: 'ahoj', PATH: '/bin' },
      cwd: '/bin',
      user: { uid: 7, gid: 8 },
    });
    t.is(stdout, 'ahoj /bin 7:8\n');
  }),
);

real('its own program: exit code, output, no more to be done with it', (t) =>
  withPlace(t, 'program', async ({ create }) => {
    await using sandbox = await create({ args: ['/bin/sh', '-c', 'echo out; echo err >&2; exit 4'] });
    const text = async (stream: AsyncIterable<unknown> | null): Promise<string> => {
      let all = '';
      for await (const piece of stream ?? []) all += String(piece);
      return all;
    };
    t.is(await text(sandbox.root.stdout), 'out\n');
    t.is(await text(sandbox.root.stderr), 'err\n');
    t.deepEqual(await sandbox.root.wait(), { kind: 'exited', code: 4 });
    t.deepEqual(await sandbox.root.wait(), { kind: 'exited', code: 4 });
    t.is((await sandbox.root.state()).status, 'stopped');
  }),
);

real('without an id it gets one, and await using destroys it', (t) =>
  withPlace(t, 'anonymous', async ({ root }) => {
    let id: string;
    {
      await using sandbox = await Sandbox.create({ rootfs, root });
      await using other = await Sandbox.create({ rootfs, root });
      t.not(sandbox.id, other.id);
      ({ id } = sandbox);
      t.is((await shell(sandbox.root, 'echo here')).stdout, 'here\n');
    }
    await t.throwsAsync(Sandbox.connect(id, { root }), { code: 'SANDBOX_NOT_FOUND' });
  }),
);

real('a creation that is aborted leaves nothing', (t) =>
  withPlace(t, 'aborted', async ({ create }) => {
    await t.throwsAsync(create({ signal: AbortSignal.abort() }), { code: 'CANCELLED' });
    for (const ms of [50, 400, 900]) {
      const signal = AbortSignal.timeout(ms);
      try {
        await using made = await create({ signal });
        t.is((await made.root.state()).status, 'running');
      } catch (error) {
        t.is(error instanceof Error && 'code' in error ? error.code : error, 'CANCELLED');
      }
    }
  }),
);
