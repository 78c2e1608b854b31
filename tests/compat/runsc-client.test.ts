/**
 * The distribution's own `runsc` drives a sandbox of ours: each command is checked for what it really did, by the
 * sandbox's and the kernel's word, not only for its exit status.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { readSupervisorFile } from '../../actors/run-directory/index.ts';
import { evidence } from '../support/evidence.ts';
import { until } from '../support/waiting.ts';
import { benchFor, calledMethods, debian, fileIn, withRunsc, type RunscBench } from './support.ts';

const counting = 'i=0; while :; do i=$((i+1)); echo $i > /tmp/n; sleep 0.05; done';

/** How far the container has counted. */
const counted = async ({ ok, id }: RunscBench): Promise<number> =>
  Number((await ok('exec', id, 'cat', '/tmp/n')).trim());

/** Notes all methods that runsc has called with success. */
async function note(t: Parameters<typeof evidence>[0], bench: RunscBench): Promise<void> {
  const own = /^runstate\./;
  const methods = (await calledMethods(bench)).filter((method) => !own.test(method));
  evidence(t, ...methods.map((method) => ({ client: debian, method })));
}

withRunsc('list, state, ps and events tell what is so', async (t) => {
  const bench = await benchFor(t, 'sleep 1000 & exec sleep 1001');
  const { id, runscOk, ok } = bench;
  const list = await runscOk('list');
  t.regex(list, new RegExp(`^${id} +\\d+ +running `, 'm'));
  t.is((await runscOk('list', '-quiet')).trim(), id);
  bench.saw('list');
  const state: unknown = JSON.parse(await runscOk('state', id));
  t.like(state, { id, status: 'running' });
  bench.saw('state');
  const ps = await runscOk('ps', id);
  const own = (await ok('ps', id)).split('\n').slice(1).filter(Boolean);
  t.is(ps.trim().split('\n').length - 1, own.length);
  t.is(ps.match(/ sleep\s*$/gm)?.length, 2);
  const pids: unknown = JSON.parse(await runscOk('ps', '-format', 'json', id));
  t.true(Array.isArray(pids) && pids.includes(1) && pids.length === own.length);
  bench.saw('ps');
  const events = await runscOk('events', '-stats', id);
  t.like(JSON.parse(events), { type: 'stats', id, data: { pids: { current: 3 } } });
  bench.saw('events');
  await note(t, bench);
});

withRunsc('exec: streams, exit codes, environment, working directory, user, in the background', async (t) => {
  const bench = await benchFor(t, counting);
  const { id, runsc, runscOk, ok } = bench;
  t.is(await runscOk('exec', id, 'echo', 'hi'), 'hi\n');
  t.is((await runsc('exec', id, 'sh', '-c', 'echo e >&2; exit 7')).code, 7);
  t.is((await runsc('exec', id, 'sh', '-c', 'kill -9 $$')).code, 128 + 9);
  const missing = await runsc('exec', id, 'nosuch');
  t.is(missing.code, 128);
  t.regex(missing.stdout + missing.stderr, /Failed to load nosuch/);
  t.is(
    await runscOk(
      'exec',
      '-env',
      'A=b',
      '-cwd',
      '/tmp',
      '-user',
      '1000:1001',
      id,
      'sh',
      '-c',
      'echo $A $PWD $(id -u):$(id -g)',
    ),
    'b /tmp 1000:1001\n',
  );
  bench.saw('exec');
  const document = fileIn(bench, 'process.json');
  const args = ['sleep', '77'];
  writeFileSync(document, JSON.stringify({ args, cwd: '/', env: ['PATH=/bin'], user: { uid: 0, gid: 0 } }));
  const pidFile = fileIn(bench, 'pid');
  // As containerd calls it: the id comes last. Its streams are not ours, as it leaves them to the process.
  await runscOk(
    ...['exec', '-process', document, '-detach', '-pid-file', fileIn(bench, 'host-pid')],
    ...['-internal-pid-file', pidFile, id],
  );
  const pid = Number(readFileSync(pidFile, 'utf8'));
  t.regex(await ok('ps', id), new RegExp(`^ *\\S+ +${pid} .*sleep`, 'm'));
  bench.saw('exec -detach');
  const waiting = runscOk('wait', '-pid', String(pid), id);
  await after(200);
  await ok('exec', id, 'kill', '-9', String(pid));
  t.like(JSON.parse(await waiting), { id, exitStatus: 128 + 9 });
  bench.saw('wait -pid');
  await note(t, bench);
});

withRunsc('kill delivers the signal that is named', async (t) => {
  const bench = await benchFor(t, `trap 'echo usr > /tmp/usr' USR1; ${counting}`);
  const { id, runscOk, ok } = bench;
  await runscOk('kill', id, 'USR1');
  await until(
    async () => (await ok('exec', id, 'sh', '-c', 'cat /tmp/usr || true')).trim() === 'usr',
    'no signal came',
  );
  const waiting = runscOk('wait', id);
  await after(200);
  await note(t, bench);
  await runscOk('kill', '-all', id, 'KILL');
  t.like(JSON.parse(await waiting), { id, exitStatus: 128 + 9 });
  t.like(JSON.parse(await ok('state', id)), { status: 'stopped' });
  t.like(JSON.parse(await runscOk('state', id)), { status: 'stopped' });
  bench.saw('kill');
  bench.saw('wait');
  await runscOk('delete', id);
  await until(async () => (await ok('list', '--quiet')) === '', 'it is still there');
});

withRunsc('pause stops the counter, resume lets it go on', async (t) => {
  const bench = await benchFor(t, counting);
  const { id, runscOk, runsc, ok } = bench;
  await until(async () => (await counted(bench)) > 2, 'it does not count');
  await runscOk('pause', id);
  t.like(JSON.parse(await ok('state', id)), { status: 'paused' });
  t.like(JSON.parse(await runscOk('state', id)), { status: 'paused' });
  t.not((await runsc('pause', id)).code, 0);
  t.not((await runsc('exec', id, 'true')).code, 0);
  bench.saw('pause');
  await runscOk('resume', id);
  t.like(JSON.parse(await ok('state', id)), { status: 'running' });
  const before = await counted(bench);
  await until(async () => (await counted(bench)) > before, 'it does not go on');
  bench.saw('resume');
  await note(t, bench);
});

withRunsc('debug: stacks, profiles, the log', async (t) => {
  const bench = await benchFor(t, counting);
  const { id, runscOk, root } = bench;
  t.regex(
    await runscOk('debug', '-stacks', id),
    /sandbox "[^"]*" on platform linux: running for .*root container/s,
  );
  bench.saw('debug --stacks');
  const [cpu, heap, trace] = ['cpu', 'heap', 'trace'].map((name) => fileIn(bench, name));
  await runscOk('debug', '-profile-cpu', cpu ?? '', '-duration', '100ms', id);
  await runscOk('debug', '-profile-heap', heap ?? '', '-delay', '10ms', id);
  await runscOk('debug', '-trace', trace ?? '', '-duration', '100ms', id);
  const gzip = Buffer.from([0x1f, 0x8b]);
  for (const file of [cpu, heap]) t.deepEqual(readFileSync(file ?? '').subarray(0, 2), gzip);
  const traced: unknown = JSON.parse(readFileSync(trace ?? '', 'utf8'));
  t.true(isRecord(traced) && Array.isArray(traced['traceEvents']));
  bench.saw('debug --profile-cpu, --profile-heap, --trace');
  await runscOk('debug', '-log-level', 'debug', id);
  await runscOk('exec', id, 'true');
  const log = join(root, 'sandboxes', id, 'log');
  await until(() => /level=debug msg=transition/.test(readFileSync(log, 'utf8')), 'no transition was logged');
  bench.saw('debug --log-level');
  await runscOk('debug', '-strace', 'execve', id);
  await runscOk('exec', id, 'true');
  await until(() => /msg="system call".*execve/.test(readFileSync(log, 'utf8')), 'no system call was logged');
  await runscOk('debug', '-strace', 'off', id);
  bench.saw('debug --strace');
  await note(t, bench);
});

withRunsc('usage, control files and /proc', async (t) => {
  const bench = await benchFor(t, counting);
  const { id, runscOk, runsc } = bench;
  const usage: unknown = JSON.parse(await runscOk('usage', '-full', id));
  t.true(isRecord(usage) && Number(usage['Total']) > 0);
  bench.saw('usage');
  t.is((await runscOk('read-control', id, 'pids', '/', 'pids.max')).trim(), '512');
  await runscOk('write-control', id, 'pids', '/', 'pids.max', '99');
  t.is((await runscOk('read-control', id, 'pids', '/', 'pids.max')).trim(), '99');
  const refused = await runsc('read-control', id, 'nosuch', '/', 'x');
  t.not(refused.code, 0);
  bench.saw('read-control, write-control');
  t.regex(await runscOk('trace', 'procfs', id), /"comm":"sh"/);
  bench.saw('trace procfs');
  await note(t, bench);
});

withRunsc('checkpoint saves the sandbox, which is gone then, and comes back by restore', async (t) => {
  const bench = await benchFor(t, counting);
  const { id, runscOk, ok, quietly, root } = bench;
  await until(async () => (await counted(bench)) > 2, 'it does not count');
  const before = await counted(bench);
  await note(t, bench);
  const images = fileIn(bench, 'images');
  mkdirSync(images);
  await runscOk('checkpoint', '-image-path', images, id);
  t.true(statSync(join(images, 'checkpoint.img')).size > 100_000);
  t.like(JSON.parse(await runscOk('state', id)), { status: 'stopped' });
  evidence(t, { client: debian, method: 'containerManager.Checkpoint' });
  await runscOk('delete', id);
  await until(async () => (await ok('list', '--quiet')) === '', 'it is still there');
  bench.saw('checkpoint');
  await quietly('restore', '--detach', '--image-path', join(images, 'checkpoint.img'), id);
  await until(async () => (await counted(bench)) > before, 'it does not go on');
  t.deepEqual(
    readdirSync(root).filter((name) => name.endsWith('.state')),
    [],
  );
});

withRunsc('delete ends the sandbox, and nothing is left of it', async (t) => {
  const bench = await benchFor(t, counting);
  const { id, runscOk, runsc, ok, root } = bench;
  const state: unknown = JSON.parse(await ok('state', id));
  const pid = isRecord(state) ? Number(state['pid']) : 0;
  t.not((await runsc('delete', id)).code, 0, 'it runs');
  t.true(existsSync(`/proc/${pid}`));
  await runscOk('delete', '-force', id);
  t.false(existsSync(`/proc/${pid}`));
  await until(async () => (await ok('list', '--quiet')) === '', 'it is still there');
  t.deepEqual(readdirSync(join(root, 'sandboxes')), []);
  t.deepEqual(readdirSync(join(root, 'runsc-2019')), []);
  t.deepEqual(readdirSync(join(root, 'runsc-2019-10')), []);
  t.is((await runscOk('list', '-quiet')).trim(), '');
  bench.saw('delete');
});

withRunsc(
  'of a sandbox whose supervisor was killed runsc tells that it has stopped, and delete leaves nothing',
  async (t) => {
    const bench = await benchFor(t, counting);
    const { id, runscOk, ok, root } = bench;
    const { pid } = readSupervisorFile(root, id) ?? {};
    process.kill(pid ?? 0, 'SIGKILL');
    await until(() => readSupervisorFile(root, id)?.isAlive === false, 'it lives still');
    t.regex(await runscOk('list'), new RegExp(`^${id} +-1 +stopped `, 'm'));
    await ok('delete', '--force', id);
    t.is((await runscOk('list', '-quiet')).trim(), '');
    t.deepEqual(
      ['.', 'runsc-2019', 'runsc-2019-10'].flatMap((name) => readdirSync(join(root, name))).sort(),
      ['containers', 'runsc-2019', 'runsc-2019-10', 'sandboxes'],
    );
  },
);

withRunsc('a container that is created is started', async (t) => {
  const bench = await benchFor(t, counting);
  const { runscOk, ok, quietly, bundle, id } = bench;
  const other = `${id}-b`;
  await quietly(
    '--compat',
    'runsc',
    'create',
    '--bundle',
    bundle('other', ['/bin/sh', '-c', counting]),
    other,
  );
  t.like(JSON.parse(await runscOk('state', other)), { status: 'created' });
  await runscOk('-network=none', 'start', other);
  t.like(JSON.parse(await ok('state', other)), { status: 'running' });
  await note(t, { ...bench, id: other });
  bench.saw('start');
});

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
