import test from 'ava';
import { isError } from '../../../errors/index.ts';
import { files } from '../../../native/index.ts';
import { openFiles, remainsOf } from './support/remains.ts';
import { open, readAll, shellProcess, soon, until, whyNot, type RunOptions } from './support/sandbox.ts';

const reason = whyNot();
if (reason !== undefined) console.log(`tests of the Linux platform are skipped: ${reason}`);
const serial = reason === undefined ? test.serial : test.serial.skip;

serial(
  'a container lives: create, start, exec, signal, destroy; each end is told once, with its status',
  async (t) => {
    const { id, sandbox, exits, exit, create, exec } = await open(t);
    await create(id, 'trap "exit 7" TERM; while :; do sleep 0.05; done');
    t.deepEqual(exits, []);
    await sandbox.start(id, soon());
    const one = await exec(id, 'exit 3');
    t.true(one.pid > 1);
    t.deepEqual(await exit(id, one.pid), { kind: 'exited', code: 3 });
    const two = await exec(id, 'kill -USR1 $$');
    t.deepEqual(await exit(id, two.pid), { kind: 'signaled', signal: 10, coreDumped: false });
    await sandbox.signal(id, { kind: 'init' }, 15);
    t.deepEqual(await exit(id), { kind: 'exited', code: 7 });
    await sandbox.destroy(id, soon());
    t.is(exits.length, 3);
  },
);

serial('nothing is left: no cgroup, mount, file, process, descriptor', async (t) => {
  const before = openFiles();
  const opened = await open(t);
  const { id, sandbox, run, exec, exit } = opened;
  await run(id, 'sleep 100');
  await run('sub', 'sleep 100');
  await exec('sub', 'sleep 100');
  const { pid } = await exec('sub', 'exit 1');
  await exit('sub', pid);
  // What looks for remains sees what is there.
  t.true(remainsOf(opened).filter((one) => one.startsWith('/sys/fs/cgroup')).length > 0);
  await sandbox.destroy('sub', soon());
  await sandbox.destroy('sub', soon());
  await sandbox.close(soon());
  await sandbox.close(soon());
  t.deepEqual(remainsOf(opened), []);
  t.is(openFiles(), before);
});

serial('descriptors go straight through, also those above 2', async (t) => {
  const { id, run, exit } = await open(t);
  const { read, write } = files.pipe();
  await run(id, 'echo out; echo err >&2; echo five >&5; readlink /proc/self/fd/3', {
    files: [undefined, write, write, undefined, undefined, write],
  });
  t.deepEqual(await exit(id), { kind: 'exited', code: 0 });
  t.is(readAll(read), 'out\nerr\nfive\n/dev/null\n');
  files.close(read);
  files.close(write);
});

serial('a program that is not there, or not executable, is told apart; the id is free again', async (t) => {
  const opened = await open(t);
  const { id, sandbox, create, run } = opened;
  const withProgram = (program: string): RunOptions => ({
    change: (spec) => ({ ...spec, process: { ...shellProcess(''), args: [program] } }),
  });
  const missing = await t.throwsAsync(create(id, '', withProgram('nope')));
  t.true(isError(missing, 'COMMAND_NOT_FOUND'), String(missing));
  t.is(missing.message, 'Failed to load nope: executable file not found in $PATH');
  const path = await t.throwsAsync(create(id, '', withProgram('/no/such')));
  t.true(isError(path, 'COMMAND_NOT_FOUND'), String(path));
  const text = await t.throwsAsync(create(id, '', withProgram('/etc/passwd')));
  t.true(isError(text, 'COMMAND_NOT_EXECUTABLE'), String(text));
  await run(id, 'sleep 100');
  for (const [program, code] of [
    ['nope', 'COMMAND_NOT_FOUND'],
    ['/etc/passwd', 'COMMAND_NOT_EXECUTABLE'],
    ['/tmp', 'COMMAND_NOT_EXECUTABLE'],
  ] as const) {
    const process = { ...shellProcess(''), args: [program] };
    const error = await t.throwsAsync(sandbox.exec(id, { process, files: [] }, soon()));
    t.true(isError(error, code), `${program}: ${String(error)}`);
  }
  await sandbox.close(soon());
  t.deepEqual(remainsOf(opened), []);
  t.deepEqual(opened.exits.length, 1);
});

serial('what the runtime refuses is told in its own words', async (t) => {
  const { id, create, sandbox } = await open(t);
  const mounts = [{ destination: '/mnt', type: 'bind', source: '/no/such/source', options: ['bind'] }];
  const error = await t.throwsAsync(create(id, '', { change: (spec) => ({ ...spec, mounts }) }));
  t.true(isError(error, 'RUNTIME_FAILED'), String(error));
  t.regex(error.message, /^runc create exit code 1: .*\/no\/such\/source.*no such file or directory/);
  await create(id, 'sleep 1');
  const twice = await t.throwsAsync(create(id, 'sleep 1'));
  t.true(isError(twice, 'CONTAINER_EXISTS'), String(twice));
  await sandbox.destroy(id, soon());
  await create(id, 'sleep 1');
});

serial('init killed while execs run: every end is told', async (t) => {
  const { id, sandbox, run, exec, exit, exits } = await open(t);
  await run(id, 'sleep 100');
  const execs = await Promise.all([1, 2, 3].map(() => exec(id, 'sleep 100')));
  await sandbox.signal(id, { kind: 'init' }, 9);
  const killed = { kind: 'signaled', signal: 9, coreDumped: false } as const;
  t.deepEqual(await exit(id), killed);
  for (const { pid } of execs) t.deepEqual(await exit(id, pid), killed);
  const error = await t.throwsAsync(sandbox.signal(id, { kind: 'init' }, 15));
  t.true(isError(error, 'SIGNAL_FAILED'), String(error));
  t.is(exits.length, 4);
});

serial('many at once: every status is right', async (t) => {
  const { id, run, exec, exit } = await open(t);
  await run(id, 'sleep 100');
  const codes = Array.from({ length: 20 }, (_none, index) => index);
  const started = await Promise.all(
    codes.map(async (code) => ({ code, pid: (await exec(id, `exit ${code}`)).pid })),
  );
  t.is(new Set(started.map(({ pid }) => pid)).size, started.length);
  for (const { code, pid } of started) t.deepEqual(await exit(id, pid), { kind: 'exited', code });
});

serial('a kill for want of memory is told, before the end that it caused', async (t) => {
  const { id, run, exit, ooms } = await open(t);
  await run(id, 'x=aaaaaaaaaaaaaaaa; while :; do x=$x$x; done', {
    change: (spec) => ({
      ...spec,
      linux: { ...spec.linux, resources: { memory: { limit: 16 << 20, swap: 16 << 20 } } },
    }),
  });
  t.deepEqual(await exit(id), { kind: 'signaled', signal: 9, coreDumped: false });
  await until(() => ooms.length > 0, 'no out-of-memory kill was told');
  t.is(ooms[0]?.cid, id);
  t.is(ooms[0]?.count, 1);
});
