import {
  mkdirSync,
  mkdtempSync,
  openSync,
  closeSync,
  readFileSync,
  rmSync,
  writeFileSync,
  existsSync,
  readlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { namespace } from '../../../native/index.ts';
import { remainsOf } from './support/remains.ts';
import { open, sharedRootfs, soon, whyNot, type RunOptions } from './support/sandbox.ts';

const serial = whyNot() === undefined ? test.serial : test.serial.skip;

serial(
  'containers of a sandbox share network, ipc and host name; not pids, nor anything with another sandbox',
  async (t) => {
    const one = await open(t);
    const two = await open(t);
    const wanted = ['net', 'ipc', 'uts', 'pid', 'mnt'] as const;
    const namespacesOf = (pid: number) =>
      Object.fromEntries(wanted.map((type) => [type, readlinkSync(`/proc/${pid}/ns/${type}`)]));
    const root = namespacesOf(await one.create(one.id, 'sleep 100'));
    const sub = namespacesOf(await one.create('sub', 'sleep 100'));
    const shares: RunOptions = {
      change: (spec) => ({ ...spec, annotations: { 'dev.runstate.share-pid': 'true' } }),
    };
    const shared = namespacesOf(await one.create('shared', 'sleep 100', shares));
    const other = namespacesOf(await two.create(two.id, 'sleep 100'));
    const host = namespacesOf(process.pid);
    for (const type of ['net', 'ipc', 'uts'] as const) {
      t.is(sub[type], root[type], type);
      t.not(other[type], root[type], type);
      t.not(host[type], root[type], type);
    }
    t.not(sub['pid'], root['pid']);
    t.is(shared['pid'], root['pid']);
    t.not(sub['mnt'], root['mnt']);
  },
);

serial(
  'loopback works between containers, and an end in the root container’s pid namespace is told',
  async (t) => {
    const { id, sandbox, run, exec, exit, output } = await open(t);
    await run(id, 'nc -l -p 7000 -e /bin/cat & sleep 100');
    await run('sub', 'sleep 100', {
      change: (spec) => ({ ...spec, annotations: { 'dev.runstate.share-pid': 'true' } }),
    });
    t.is(await output('sub', 'sleep 0.2; echo hello | nc 127.0.0.1 7000'), 'hello\n');
    t.is(await output('sub', 'hostname'), 'inside\n');
    const { pid } = await exec('sub', 'exit 5');
    t.deepEqual(await exit('sub', pid), { kind: 'exited', code: 5 });
    await sandbox.destroy('sub', soon());
    t.is(await output(id, 'echo still here'), 'still here\n');
  },
);

serial(
  'an open directory is the root file system, with what is mounted below it; unmounting leaves the original',
  async (t) => {
    const source = mkdtempSync(join(tmpdir(), 'rs-root-'));
    namespace.bindMount(await sharedRootfs(), source);
    const inner = join(source, 'home');
    const data = mkdtempSync(join(tmpdir(), 'rs-data-'));
    writeFileSync(join(data, 'note'), 'kept');
    namespace.bindMount(data, inner);
    const fd = openSync(source, 'r');
    try {
      const opened = await open(t);
      const { id, sandbox, create, output } = opened;
      await create(id, 'sleep 100', { rootDirectory: fd });
      await sandbox.start(id, soon());
      t.is(await output(id, 'cat /home/note'), 'kept');
      await sandbox.close(soon());
      t.deepEqual(remainsOf(opened), []);
      t.is(readFileSync(join(inner, 'note'), 'utf8'), 'kept');
      t.true(existsSync(join(source, 'bin/busybox')));
    } finally {
      closeSync(fd);
      namespace.unmount(inner);
      namespace.unmount(source);
      rmSync(source, { recursive: true });
      rmSync(data, { recursive: true });
    }
  },
);

serial('relative paths of a spec start at its bundle; links in them are followed', async (t) => {
  const { id, sandbox, create, output, directory } = await open(t);
  mkdirSync(join(directory, 'shown'));
  writeFileSync(join(directory, 'shown', 'note'), 'from the bundle');
  await create(id, 'sleep 100', {
    change: (spec) => ({
      ...spec,
      mounts: [
        ...(spec.mounts ?? []),
        { destination: '/mnt', type: 'bind', source: 'shown', options: ['rbind', 'ro'] },
      ],
    }),
  });
  await sandbox.start(id, soon());
  t.is(await output(id, 'cat /mnt/note'), 'from the bundle');
});
