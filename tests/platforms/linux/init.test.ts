/** runstate-init as pid 1 of real containers, and what is exec'd in them. */
import { readFileSync } from 'node:fs';
import test from 'ava';
import { isError } from '../../../errors/index.ts';
import { builtFile, files, terminal } from '../../../native/index.ts';
import type { ContainerSpec } from '../../../oci/types.ts';
import { openFiles, remainsOf } from './support/remains.ts';
import { open, readAll, shell, shellProcess, sharedRootfs, soon, until, whyNot } from './support/sandbox.ts';

const serial = whyNot() === undefined ? test.serial : test.serial.skip;
const exited = (code: number) => ({ kind: 'exited', code }) as const;
const signaled = (signal: number) => ({ kind: 'signaled', signal, coreDumped: false }) as const;

const withProcess =
  (more: object) =>
  (spec: ContainerSpec): ContainerSpec => ({
    ...spec,
    process: { ...shellProcess(''), ...spec.process, ...more },
  });

serial('pid 1 is runstate-init, with no file open; the program leads a session of its own', async (t) => {
  const { id, sandbox, run, output } = await open(t);
  await run(id, 'sleep 100; :');
  const [init, program] = await sandbox.processes(id);
  t.like(init, { pid: 1, ppid: 0, cmd: 'runstate-init' });
  t.like(program, { ppid: 1, cmd: 'sh' });
  t.is(await output(id, 'ls /proc/1/fd | wc -l'), '0\n');
  const stat = readFileSync(`/proc/${program?.hostPid ?? 0}/stat`, 'latin1').split(' ');
  t.deepEqual([stat[4], stat[5]], [stat[0], stat[0]]);
  // As it was started: nothing is blocked, nothing ignored.
  const status = readFileSync(`/proc/${program?.hostPid ?? 0}/status`, 'latin1');
  t.regex(status, /^SigBlk:\t0+$/m);
});

serial('a container ends exactly as its program does', async (t) => {
  const { id, sandbox, run, exit } = await open(t);
  await run(id, 'sleep 100');
  const cases = [
    ...[0, 1, 126, 127, 128, 137, 143, 255].map((code) => [`exit ${code}`, exited(code)] as const),
    ...[1, 2, 9, 10, 15, 34, 64].map((signo) => [`kill -${signo} $$`, signaled(signo)] as const),
  ];
  for (const [index, [script, status]] of cases.entries()) {
    const cid = `c${index}`;
    await run(cid, script);
    t.deepEqual(await exit(cid), status, script);
    await sandbox.destroy(cid, soon());
  }
});

serial('a core dump is told', async (t) => {
  const { id, run, exit } = await open(t);
  const rlimits = [{ type: 'RLIMIT_CORE', hard: 1 << 20, soft: 1 << 20 }];
  await run(id, 'cd /dev; kill -SEGV $$', { change: withProcess({ rlimits }) });
  const status = await exit(id);
  t.true(status.kind === 'signaled' && status.signal === 11, JSON.stringify(status));
});

serial('signals reach the program, whichever way they are sent; pid 1 is not ended by them', async (t) => {
  const { id, sandbox, run, output, exit } = await open(t);
  const { read, write } = files.pipe();
  const traps = 'for s in HUP INT QUIT USR1 USR2 TERM CONT WINCH CHLD; do trap "echo $s" $s; done';
  await run(id, `${traps}; trap "echo end; exit 5" ALRM; echo ready; while :; do sleep 0.05; done`, {
    files: [undefined, write],
  });
  let seen = '';
  const says = (what: string) => until(() => (seen += readAll(read)).includes(what), `no ${what}: ${seen}`);
  await says('ready');
  await sandbox.signal(id, { kind: 'init' }, 1);
  await says('HUP');
  await sandbox.signal(id, { kind: 'process', pid: 1 }, 10);
  await says('USR1');
  await output(id, 'kill -QUIT 1; kill -WINCH 1');
  await says('QUIT');
  await says('WINCH');
  const program = (await sandbox.processes(id))[1];
  const state = () => readFileSync(`/proc/${program?.hostPid ?? 0}/stat`, 'latin1').split(' ')[2];
  await sandbox.signal(id, { kind: 'init' }, 19);
  await until(() => state() === 'T', 'it was not stopped');
  await sandbox.signal(id, { kind: 'init' }, 18);
  await until(() => state() !== 'T', 'it does not go on');
  seen = '';
  await sandbox.signal(id, { kind: 'all' }, 12);
  await says('USR2');
  await sandbox.signal(id, { kind: 'init' }, 2);
  await says('INT');
  t.is(seen.split('USR2').length, 2, 'it came twice');
  await sandbox.signal(id, { kind: 'init' }, 14);
  t.deepEqual(await exit(id), exited(5));
  files.close(read);
  files.close(write);
});

serial('SIGTERM ends a program that does not take it; SIGKILL all that there is', async (t) => {
  const { id, sandbox, run, exec, exit } = await open(t);
  await run(id, 'sleep 100');
  await run('two', 'exec sleep 100');
  await sandbox.signal('two', { kind: 'init' }, 15);
  t.deepEqual(await exit('two'), signaled(15));
  await run('three', 'trap "" TERM INT HUP; while :; do sleep 1; done');
  const { pid } = await exec('three', 'trap "" TERM; while :; do sleep 1; done');
  await sandbox.signal('three', { kind: 'init' }, 15);
  await sandbox.signal('three', { kind: 'init' }, 9);
  t.deepEqual(await exit('three'), signaled(9));
  t.deepEqual(await exit('three', pid), signaled(9));
});

serial('what is exec’d is a child of pid 1, in a session of its own, and its end is told', async (t) => {
  const { id, sandbox, run, exec, exit, output } = await open(t);
  await run(id, 'exec sleep 100');
  const own = 'read -r pid name state ppid pgrp session rest < /proc/self/stat';
  t.is(await output(id, `sh -c 'echo $PPID' > /dev/null; ${own}; echo $((session == $$))`), '1\n');
  const { pid, hostPid } = await exec(id, 'sleep 0.3; exit 42');
  t.like(
    (await sandbox.processes(id)).find((one) => one.pid === pid),
    { ppid: 1, hostPid },
  );
  t.deepEqual(await exit(id, pid), exited(42));
  // Ended before anybody can look.
  const quick = await exec(id, 'exit 200');
  t.deepEqual(await exit(id, quick.pid), exited(200));
  const killed = await exec(id, 'kill -KILL $$');
  t.deepEqual(await exit(id, killed.pid), signaled(9));
  await until(async () => (await sandbox.processes(id)).length === 2, 'zombies are left');
});

serial(
  'orphans become children of pid 1 and are reaped; the exec’d one’s own end is what is told',
  async (t) => {
    const { id, sandbox, run, exec, exit } = await open(t);
    await run(id, 'exec sleep 100');
    const { pid } = await exec(id, '(setsid sh -c "sleep 0.3; exit 9" &); (sleep 0.2 &); exit 3');
    t.deepEqual(await exit(id, pid), exited(3));
    await until(async () => (await sandbox.processes(id)).length === 2, 'orphans are not reaped');
  },
);

serial('a hundred at once, each with its status; nothing is left', async (t) => {
  const before = openFiles();
  const opened = await open(t);
  const { id, sandbox, run, exec, exit } = opened;
  await run(id, 'exec sleep 100');
  const codes = Array.from({ length: 100 }, (_none, index) => index);
  const started = await Promise.all(
    codes.map(async (code) => ({ code, pid: (await exec(id, `exit ${code}`)).pid })),
  );
  for (const { code, pid } of started) t.deepEqual(await exit(id, pid), exited(code));
  await until(async () => (await sandbox.processes(id)).length === 2, 'processes are left');
  await sandbox.close(soon());
  t.deepEqual(remainsOf(opened), []);
  t.is(openFiles(), before);
});

serial('a program that cannot be executed is told of by the start, and by an exec', async (t) => {
  const { id, sandbox, create, run, exit } = await open(t);
  await run(id, 'printf "no program" > /dev/text; chmod 755 /dev/text; exec sleep 100');
  // Its rights and its file are right, its content is none.
  const rootfs = await sharedRootfs();
  const mounts = [
    ...(shell(rootfs, '').mounts ?? []),
    { destination: '/dev/text', type: 'bind', source: '/etc/passwd', options: ['bind', 'ro'] },
  ];
  const cases = [
    ['/dev/text', 'COMMAND_NOT_EXECUTABLE', 'permission denied'],
    ['/bin', 'COMMAND_NOT_EXECUTABLE', 'permission denied'],
    ['bin/none', 'COMMAND_NOT_FOUND', 'no such file or directory'],
    ['none', 'COMMAND_NOT_FOUND', 'executable file not found in $PATH'],
  ] as const;
  for (const [program, code, why] of cases) {
    const change = (spec: ContainerSpec) => ({ ...withProcess({ args: [program] })(spec), mounts });
    const error = await t.throwsAsync(create('two', '', { change }));
    t.true(isError(error, code), `${program}: ${String(error)}`);
    t.is(error.message, `Failed to load ${program}: ${why}`);
  }
  let seen = '';
  const process = { ...shellProcess(''), args: ['/dev/text'] };
  await until(async () => {
    const error = await t.throwsAsync(sandbox.exec(id, { process, files: [] }, soon()));
    seen = String(error);
    return isError(error, 'COMMAND_NOT_EXECUTABLE') && error.message.includes('exec format error');
  }, 'a text was executed').catch(() => t.fail(seen));
  // What only the program's own user can know is told by the start.
  await create('three', '', {
    change: (spec) => ({
      ...withProcess({ args: ['/dev/shut/program'], user: { uid: 1000, gid: 1000 } })(spec),
      mounts: [
        ...(spec.mounts ?? []),
        { destination: '/dev/shut', type: 'tmpfs', source: 'tmpfs', options: ['mode=700'] },
        {
          destination: '/dev/shut/program',
          type: 'bind',
          source: `${rootfs}/bin/busybox`,
          options: ['bind', 'ro'],
        },
      ],
    }),
  });
  const shut = await t.throwsAsync(sandbox.start('three', soon()));
  t.true(isError(shut, 'COMMAND_NOT_EXECUTABLE'), String(shut));
  t.is(shut.message, 'Failed to load /dev/shut/program: permission denied');
  t.deepEqual(await exit('three'), exited(126));
});

serial('another user, a read-only root, a user namespace: no privileges more than without', async (t) => {
  const { id, sandbox, run, exec, exit, output } = await open(t);
  const marks =
    "grep -E '^(Uid|Cap(Inh|Prm|Eff|Bnd|Amb)|NoNewPrivs|Sig(Blk|Ign|Cgt)|Seccomp):' /proc/self/status";
  const user = { uid: 1000, gid: 1000 };
  const change = (spec: ContainerSpec): ContainerSpec => ({
    ...withProcess({ user, noNewPrivileges: true })(spec),
    root: { path: spec.root?.path ?? '', readonly: true },
  });
  const seen: string[] = [];
  for (const init of ['runstate', 'none'] as const) {
    const cid = init === 'runstate' ? id : 'two';
    const { read, write } = files.pipe();
    await run(cid, `${marks}; exec sleep 100`, { change, files: [undefined, write], init });
    let text = '';
    await until(() => (text += readAll(read)).includes('Seccomp'), 'it said nothing');
    seen.push(text);
    files.close(read);
    files.close(write);
  }
  t.is(seen[0], seen[1]);
  const process = { ...shellProcess('touch /x 2>/dev/null && exit 1; exit $(id -u | wc -c)'), user };
  const { pid } = await sandbox.exec(id, { process, files: [] }, soon());
  t.deepEqual(await exit(id, pid), exited(5));

  const mappings = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
  await run('three', 'exec sleep 100', {
    change: (spec) => ({
      ...spec,
      mounts: spec.mounts?.filter(({ type }) => type !== 'mqueue') ?? [],
      linux: {
        namespaces: [...(spec.linux?.namespaces ?? []), { type: 'user' }],
        uidMappings: mappings,
        gidMappings: mappings,
      },
    }),
  });
  t.like((await sandbox.processes('three'))[0], { pid: 1, uid: 100_000, cmd: 'runstate-init' });
  const inside = await exec('three', 'exit 77');
  t.deepEqual(await exit('three', inside.pid), exited(77));
  t.regex(await output('three', 'cat /proc/self/uid_map'), /^ *0 +100000/);
});

serial('it cannot be written to from inside', async (t) => {
  const { id, run, output } = await open(t);
  const before = readFileSync(builtFile('runstate-init'));
  await run(id, 'exec sleep 100');
  const tries = [
    'echo x >> /proc/1/exe',
    'echo x >> /dev/runstate-init',
    'rm /dev/runstate-init',
    'mount -o remount,rw,bind /dev/runstate-init',
  ];
  for (const one of tries) t.is(await output(id, `(${one}) 2>/dev/null && echo done`), '', one);
  t.true(readFileSync(builtFile('runstate-init')).equals(before));
});

serial('a terminal that came as a file: job control, ^C, its size', async (t) => {
  const { id, sandbox, run, exit } = await open(t);
  await run(id, 'exec sleep 100');
  const { master, slave } = terminal.openTerminal();
  terminal.setWindowSize(master, { rows: 33, columns: 77 });
  const script = 'stty size; trap "stty size; exit 6" INT; echo ready; while :; do sleep 0.05; done';
  const { pid } = await sandbox.exec(
    id,
    { process: shellProcess(script), files: [slave, slave, slave], stdioIsTerminal: true },
    soon(),
  );
  let seen = '';
  await until(() => (seen += readAll(master)).includes('ready'), `not ready: ${seen}`);
  terminal.setWindowSize(master, { rows: 44, columns: 88 });
  files.write(master, Buffer.from('\x03'));
  t.deepEqual(await exit(id, pid), exited(6));
  seen += readAll(master);
  t.regex(seen, /33 77[\s\S]*44 88/);
  files.close(master);
  files.close(slave);
});

serial('without it: asked for, shared pids, the host’s pids, a program that is an init', async (t) => {
  const { id, sandbox, run, exec, exit } = await open(t);
  await run(id, 'exec sleep 100');
  const programs = async (cid: string) => (await sandbox.processes(cid)).map(({ cmd }) => cmd);
  await run('none', 'exec sleep 100', { init: 'none' });
  t.deepEqual(await programs('none'), ['sleep']);
  const { pid } = await exec('none', 'sleep 0.1; exit 4');
  t.deepEqual(await exit('none', pid), exited(4));
  const shared = (spec: ContainerSpec): ContainerSpec => ({
    ...spec,
    annotations: { 'dev.runstate.share-pid': 'true' },
  });
  await run('shared', 'exec sleep 100', { change: shared });
  t.deepEqual(await programs('shared'), ['sleep']);
  const refused = await t.throwsAsync(run('asked', 'sleep 100', { change: shared, init: 'runstate' }));
  t.true(isError(refused, 'NOT_SUPPORTED'), String(refused));
  const annotated =
    (value: string) =>
    (spec: ContainerSpec): ContainerSpec => ({
      ...spec,
      annotations: { 'dev.runstate.init': value },
    });
  await run('annotated', 'exec sleep 100', { change: annotated('none') });
  t.deepEqual(await programs('annotated'), ['sleep']);
  const wrong = await t.throwsAsync(run('wrong', 'sleep 100', { change: annotated('yes') }));
  t.true(isError(wrong, 'INVALID_ARGUMENT'), String(wrong));
  await run('init', '', { change: withProcess({ args: ['init'] }) });
  await until(async () => (await programs('init')).length > 0, 'no process');
  t.false((await programs('init')).includes('runstate-init'));
});
