/** What runstate-init may not be or do, and where it is not used. */
import { readFileSync } from 'node:fs';
import test from 'ava';
import { isError } from '../../../errors/index.ts';
import { builtFile, files } from '../../../native/index.ts';
import type { ContainerSpec } from '../../../oci/types.ts';
import { open, readAll, shell, shellProcess, sharedRootfs, soon, until, whyNot } from './support/sandbox.ts';

const serial = whyNot() === undefined ? test.serial : test.serial.skip;
const exited = (code: number) => ({ kind: 'exited', code }) as const;

const withProcess =
  (more: object) =>
  (spec: ContainerSpec): ContainerSpec => ({
    ...spec,
    process: { ...shellProcess(''), ...spec.process, ...more },
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

serial('without it: asked for, shared pids, the host’s pids, a program that is an init', async (t) => {
  const { id, sandbox, run, exec, exit } = await open(t);
  await run(id, 'exec sleep 100');
  const programs = async (cid: string) => (await sandbox.processes(cid)).map(({ cmd }) => cmd);
  // The shell becomes it in a moment.
  const becomesSleep = (cid: string) =>
    until(async () => (await programs(cid)).join() === 'sleep', `${cid} has another pid 1`);
  await run('none', 'exec sleep 100', { init: 'none' });
  await becomesSleep('none');
  const { pid } = await exec('none', 'sleep 0.1; exit 4');
  t.deepEqual(await exit('none', pid), exited(4));
  const shared = (spec: ContainerSpec): ContainerSpec => ({
    ...spec,
    annotations: { 'dev.runstate.share-pid': 'true' },
  });
  await run('shared', 'exec sleep 100', { change: shared });
  await becomesSleep('shared');
  await run('host', 'exec sleep 100', {
    change: (spec) => ({
      ...spec,
      linux: { namespaces: spec.linux?.namespaces?.filter(({ type }) => type !== 'pid') ?? [] },
    }),
  });
  await becomesSleep('host');
  const refused = await t.throwsAsync(run('asked', 'sleep 100', { change: shared, init: 'runstate' }));
  t.true(isError(refused, 'NOT_SUPPORTED'), String(refused));
  const annotated =
    (value: string) =>
    (spec: ContainerSpec): ContainerSpec => ({
      ...spec,
      annotations: { 'dev.runstate.init': value },
    });
  await run('annotated', 'exec sleep 100', { change: annotated('none') });
  await becomesSleep('annotated');
  const wrong = await t.throwsAsync(run('wrong', 'sleep 100', { change: annotated('yes') }));
  t.true(isError(wrong, 'INVALID_ARGUMENT'), String(wrong));
  await run('init', '', { change: withProcess({ args: ['init'] }) });
  await until(async () => (await programs('init')).length > 0, 'no process');
  t.false((await programs('init')).includes('runstate-init'));
});
