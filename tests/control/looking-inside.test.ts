/** Files, cgroups, processes and metrics of containers; and that nothing leads out of them. */
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { ControlClient } from '../../transport/client/index.ts';
import { until } from '../support/waiting.ts';
import { forever, real, refusal, withSandbox } from './support.ts';

/** Copies a file out of a container. */
async function readOut(t: ExecutionContext, client: ControlClient, path: string, CID = ''): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'runstate-read-'));
  const fd = openSync(join(directory, 'out'), 'wx+');
  try {
    const size = await client.call('Fs.Read', { CID, path }, { files: [fd] });
    const text = readFileSync(join(directory, 'out'), 'utf8');
    t.is(Buffer.byteLength(text), size);
    return text;
  } finally {
    closeSync(fd);
    rmSync(directory, { recursive: true });
  }
}

real('files come out as the container has them, and links do not lead out of it', (t) =>
  withSandbox(t, async ({ client, run, id }) => {
    const script =
      'cd /dev/shm; echo inside > file; ln -s file link; ln -s /dev/shm/file absolute; ' +
      'ln -s ../../../../../../etc/hostname up; ln -s /proc/1/root/etc/passwd root; mkfifo fifo; ' +
      `head -c 3000000 /dev/zero > large; touch ready; ${forever}`;
    await run(id, script);
    await until(async () => {
      try {
        return (await readOut(t, client, '/dev/shm/ready')) === '';
      } catch {
        // Not yet.
        return false;
      }
    }, 'the files are not made');
    t.is(await readOut(t, client, '/dev/shm/file'), 'inside\n');
    t.is(await readOut(t, client, '/dev/shm/link'), 'inside\n');
    t.is(await readOut(t, client, '/dev/shm/absolute'), 'inside\n');
    t.is((await readOut(t, client, '/dev/shm/large')).length, 3_000_000);
    t.is(await readOut(t, client, '/../../dev/shm/file'), 'inside\n');
    // Of the container, which has no such file, not of the host.
    const up = client.call('Fs.Read', { CID: '', path: '/dev/shm/up' }, { files: [openNothing(t)] });
    t.regex(await refusal(t, up), /cannot read "\/dev\/shm\/up" of container .*ENOENT/);
    for (const [path, why] of [
      ['/dev/shm/fifo', 'it is no regular file'],
      ['/dev/null', 'it is no regular file'],
      ['/dev/shm', 'it is a directory'],
      ['/nosuch', 'ENOENT'],
    ] as const) {
      const reading = client.call('Fs.Read', { CID: '', path }, { files: [openNothing(t)] });
      t.true((await refusal(t, reading)).includes(why), path);
    }
  }),
);

/** Closed when the test ends. */
function openNothing(t: ExecutionContext): number {
  const fd = openSync('/dev/null', 'w');
  t.teardown(() => closeSync(fd));
  return fd;
}

real('control files are read and written, and nothing beside them', (t) =>
  withSandbox(t, async ({ client, run, id }) => {
    await run(id);
    const limit = { controller: 'pids', path: '/', name: 'pids.max' };
    const readLimit = async (): Promise<string> =>
      (await client.call('Cgroups.ReadControlFiles', { CID: id, args: [{ file: limit }] })).results
        .map(({ value }) => value.trim())
        .join();
    t.is(await readLimit(), '512');
    const written = await client.call('Cgroups.WriteControlFiles', {
      CID: id,
      args: [{ file: limit, value: '77' }],
    });
    t.deepEqual(written.results, [{ value: '', is_error: false }]);
    t.is(await readLimit(), '77');
    const wrong = [
      { ...limit, controller: 'nosuch' },
      { ...limit, path: '/../..' },
      { ...limit, name: '../pids.max' },
      { ...limit, name: 'nosuch' },
      { controller: 'freezer', path: '/', name: 'freezer.state' },
      { ...limit, name: 'cgroup.procs' },
    ];
    const { results } = await client.call('Cgroups.WriteControlFiles', {
      CID: id,
      args: wrong.map((file) => ({ file, value: '1' })),
    });
    t.true(results.every(({ is_error }) => is_error));
    t.deepEqual(
      results.map(({ value }) => /not active|leads out|no name|ENOENT|itself keeps it/.exec(value)?.[0]),
      ['not active', 'leads out', 'no name', 'ENOENT', 'itself keeps it', 'itself keeps it'],
    );
  }),
);

real('processes are told with all that the kernel knows; the sandbox by its metrics', (t) =>
  withSandbox(t, async ({ client, run, id }) => {
    await run(id, 'exec sleep 1234');
    await run('sub', 'exec sleep 4321');
    const dumps = await client.call('containerManager.ProcfsDump', null);
    const sleeps = dumps.filter(({ status }) => status.comm === 'sleep');
    t.deepEqual(
      sleeps.map(({ container, args }) => [container, args.at(-1)]).sort(),
      [
        [id, '1234'],
        ['sub', '4321'],
      ].sort(),
    );
    const [one] = sleeps;
    t.is(one?.cwd, '/');
    t.is(one?.root, '/');
    t.true(one?.fdlist.some(({ path }) => path === '/dev/null'));
    t.true(Number(one?.clone_ts) / 1e6 <= Date.now());
    t.true(one?.limits['RLIMIT_NOFILE'] !== undefined);

    const { text } = await client.call('Metrics.Export', { only_metrics: '' });
    t.true(text.includes(`runstate_container_state{sandbox="${id}",container="sub",state="running"} 1`));
    t.regex(text, /runstate_calls_total\{sandbox="[^"]*",method="runstate.Create",outcome="succeeded"\} 2/);
    const some = await client.call('Metrics.Export', { only_metrics: '^runstate_connections$' });
    t.is(some.text.split('\n').filter((line) => line.startsWith('# HELP')).length, 1);
    const { Total, Unknown } = await client.call('Usage.Collect', { Full: false });
    t.true(Total > 0n && Total === Unknown);
  }),
);

real('stacks tell where everything stands', (t) =>
  withSandbox(t, async ({ client, run, id }) => {
    await run(id, 'exec sleep 1234');
    const waiting = client.call('containerManager.Wait', id);
    waiting.catch(() => undefined);
    await until(
      async () => /containerManager.Wait, [\d.]+ s ago/.test(await client.call('debug.Stacks', null)),
      'the call that waits is not shown',
    );
    const text = await client.call('debug.Stacks', null);
    t.regex(text, new RegExp(`root container "${id}": running for [\\d.]+ s, init \\d+ on the host`));
    t.regex(text, /asked to wait, [\d.]+ s ago/);
    t.regex(text, /kernel stacks of container "[^"]*":\n {2}process 1 /);
    t.false(text.includes('PATH='), 'no environment is shown');
    await client.call('containerManager.Signal', { CID: id, Signo: 9, PID: 0, Mode: 0 });
    await waiting;
  }),
);

real('of what a process shows of itself no more is read than has its bounds', (t) =>
  withSandbox(t, async ({ client, run, id, files }) => {
    await run(id);
    const env = [
      'PATH=/bin',
      ...Array.from({ length: 15 }, (_none, index) => `E${index}=${'x'.repeat(100_000)}`),
    ];
    const Process = { args: ['sleep', '1000'], cwd: '/', env, user: { uid: 0, gid: 0 } };
    await client.call('runstate.Execute', { CID: id, Process, ConsoleSocket: '' }, { files });
    const dumps = await client.call('containerManager.ProcfsDump', null);
    const seen = dumps.find(({ args, env: shown }) => args.includes('sleep') && shown[0] === 'PATH=/bin');
    t.is(seen?.env[0], 'PATH=/bin');
    const length = seen?.env.join('').length ?? 0;
    t.true(length > 100_000 && length <= 128 * 1024, String(length));
  }),
);

real(
  'the kernel’s own files are not read with the supervisor’s rights, and a pattern may not look for ever',
  (t) =>
    withSandbox(t, async ({ client, run, id }) => {
      await run(
        id,
        `ln -s /proc/kmsg /dev/shm/k; ln -s /sys/kernel/notes /dev/shm/n; touch /dev/shm/ready; ${forever}`,
      );
      const read = (path: string) => client.call('Fs.Read', { CID: '', path }, { files: [openNothing(t)] });
      await until(
        () =>
          read('/dev/shm/ready').then(
            () => true,
            () => false,
          ),
        'the links are not made',
      );
      for (const path of ['/dev/shm/k', '/dev/shm/n', '/proc/1/pagemap', '/proc/version'])
        t.regex(await refusal(t, read(path)), /it is the kernel's, not the container's|ENOENT|EACCES/, path);
      const pattern = client.call('Metrics.Export', { only_metrics: '^([a-z_]+)+$1' });
      t.regex(await refusal(t, pattern), /takes longer than 250 ms/);
      t.true(
        (await client.call('Metrics.Export', { only_metrics: 'connections' })).text.includes(
          'runstate_connections',
        ),
      );
    }),
);
