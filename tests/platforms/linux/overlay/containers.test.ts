/** Containers with layers of their own above one root. */
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { isError } from '../../../../errors/index.ts';
import { makeBusyboxRootfs } from '../../../../oci/rootfs/busybox.ts';
import { destroyLeftovers } from '../../../../platforms/linux/leftovers.ts';
import type { ContainerSpec } from '../../../../oci/types.ts';
import { remainsOf } from '../support/remains.ts';
import { open, sharedRootfs, shell, soon, until, whyNot, type Opened } from '../support/sandbox.ts';
import { treeOf } from '../support/trees.ts';

const why = whyNot();
if (why !== undefined) console.log(`skipped, because containers cannot run here: ${why}`);
const real = why === undefined ? test.serial : test.serial.skip;

/** Waits for a signal without ending at once. */
const idle = 'while :; do sleep 1; done';
const kinds = ['memory', 'disk'] as const;

const mountsOf = (opened: Opened): string[] =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes(opened.directory) && !line.includes('netns'));

const withRoot =
  (path: string, readonly = false) =>
  (spec: ContainerSpec): ContainerSpec => ({ ...spec, root: { path, readonly } });

function folder(t: ExecutionContext, name = 'rs-overlay-'): string {
  const path = mkdtempSync(join(tmpdir(), name));
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

for (const overlay of kinds) {
  real(
    `${overlay}: containers of one root do not see what each other writes, and the root stays as it is`,
    async (t) => {
      const before = treeOf(await sharedRootfs());
      const opened = await open(t);
      const { id, output } = opened;
      const options = { options: { overlay } };
      await opened.run(id, `echo one > /mine; rm -r /etc; ${idle}`, options);
      await opened.run('sub', `echo two > /mine; mv /home /house; ${idle}`, options);
      await until(
        async () =>
          (await output(id, 'cat /mine; ls -d /etc /home')) ===
          'one\nls: /etc: No such file or directory\n/home\n',
        'first',
      );
      await until(
        async () =>
          (await output('sub', 'cat /mine; ls -d /etc /home /house')) ===
          'two\nls: /home: No such file or directory\n/etc\n/house\n',
        'second',
      );
      t.deepEqual(treeOf(await sharedRootfs()), before);
      t.is(mountsOf(opened).length, overlay === 'memory' ? 4 : 2);
      await opened.sandbox.destroy('sub', soon());
      t.is(mountsOf(opened).length, overlay === 'memory' ? 2 : 1);
      t.false(existsSync(join(opened.directory, 'layers', 'sub')));
      await opened.sandbox.close(soon());
      t.deepEqual(remainsOf(opened), []);
    },
  );
}

real(
  'a layer in memory that is full says so inside; the size is half of the memory limit unless given',
  async (t) => {
    const opened = await open(t);
    const fill = 'dd if=/dev/zero of=/big bs=1M count=64 2>&1';
    await opened.run(opened.id, idle, { options: { overlay: 'memory', overlaySize: 4 * 2 ** 20 } });
    t.regex(
      await opened.output(opened.id, `${fill}; df -k / | tail -1`),
      /No space left on device[^]* 4096 /,
    );
    await opened.run('sub', idle, {
      options: { overlay: 'memory' },
      change: (spec) => ({
        ...spec,
        linux: { ...spec.linux, resources: { memory: { limit: 32 * 2 ** 20 } } },
      }),
    });
    t.regex(await opened.output('sub', `${fill}; df -k / | tail -1`), /No space left on device[^]* 16384 /);
    // It was told before it was killed.
    t.deepEqual(opened.ooms, []);
    await opened.sandbox.close(soon());
    t.deepEqual(remainsOf(opened), []);
  },
);

real(
  'a root that the spec has as read only stays so, and its mount points are made in the layer',
  async (t) => {
    const root = folder(t);
    await makeBusyboxRootfs(root);
    rmSync(join(root, 'proc'), { recursive: true });
    const before = treeOf(root);
    const opened = await open(t);
    await opened.run(opened.id, idle, { options: { overlay: 'memory' }, change: withRoot(root, true) });
    t.regex(
      await opened.output(opened.id, 'echo > /new; ls -d /proc/self'),
      /Read-only file system\n\/proc\/self\n/,
    );
    t.deepEqual(treeOf(root), before);
  },
);

for (const name of ['col:on', 'com,ma', 'back\\slash', 'spa ce', 'qu"ote', 'new\nline', 'ümlaut']) {
  real(`a root in a directory with ${JSON.stringify(name)} in its name`, async (t) => {
    const root = join(folder(t), name);
    mkdirSync(root);
    await makeBusyboxRootfs(root);
    const before = treeOf(root);
    const opened = await open(t);
    await opened.run(opened.id, idle, { options: { overlay: 'disk' }, change: withRoot(root) });
    t.is(await opened.output(opened.id, 'echo x > /new; cat /new'), 'x\n');
    t.deepEqual(treeOf(root), before);
  });
}

real('the root as an open directory, with attributes that the container sees', async (t) => {
  const root = folder(t);
  await makeBusyboxRootfs(root);
  rmSync(join(root, 'home'), { recursive: true });
  const { mode } = statSync(root);
  const fd = openSync(root, 'r');
  t.teardown(() => closeSync(fd));
  const opened = await open(t);
  await opened.run(opened.id, idle, { options: { overlay: 'disk' }, rootDirectory: fd });
  t.is(
    await opened.output(opened.id, 'mkdir /home; stat -c %a /; ls -d /home'),
    `${(mode & 0o7777).toString(8)}\n/home\n`,
  );
  t.false(existsSync(join(root, 'home')));
});

real(
  'the spec can ask by an annotation, the client has the last word, and a wrong one is refused',
  async (t) => {
    const opened = await open(t);
    const ask = (value: string) => (spec: ContainerSpec) => ({
      ...spec,
      annotations: { 'dev.runstate.overlay': value, 'dev.runstate.overlay-size': '2m' },
    });
    await opened.run(opened.id, idle, { change: ask('memory') });
    t.regex(await opened.output(opened.id, 'df -k / | tail -1'), /^runstate +2048 /);
    await opened.create('sub', 'true', { change: ask('memory'), options: { overlay: 'none' } });
    t.is(mountsOf(opened).length, 2);
    const error = await t.throwsAsync(opened.create('wrong', 'true', { change: ask('paper') }));
    t.true(isError(error, 'SPEC'));
    t.is(
      error.message,
      'config.json: annotations["dev.runstate.overlay"]: "paper" is none of memory, disk, none',
    );
  },
);

for (const overlay of kinds) {
  real(
    `${overlay}: a creation that fails half-way leaves nothing, and its id can be used again`,
    async (t) => {
      const opened = await open(t);
      const options = { options: { overlay } };
      await opened.run(opened.id, idle, options);
      const before = mountsOf(opened).length;
      const missing = await t.throwsAsync(
        opened.create('sub', 'true', {
          ...options,
          change: (spec) => ({ ...spec, process: { ...spec.process, cwd: '/', args: ['/no/such/program'] } }),
        }),
      );
      t.regex(missing.message, /no such file/);
      const noRoot = await t.throwsAsync(
        opened.create('sub', 'true', { ...options, change: withRoot('/no/such/root') }),
      );
      t.regex(noRoot.message, /no such file/i);
      const aborted = AbortSignal.timeout(5);
      await opened.create('sub', 'true', { ...options, signal: aborted }).catch(() => undefined);
      await opened.sandbox.destroy('sub', soon());
      t.is(mountsOf(opened).length, before);
      t.false(existsSync(join(opened.directory, 'layers', 'sub')));
      t.false(existsSync(join(opened.directory, 'bundles', 'sub')));
      await opened.create('sub', 'true', options);
      await opened.sandbox.destroy('sub', soon());
      await opened.sandbox.destroy('sub', soon());
      await opened.sandbox.close(soon());
      t.deepEqual(remainsOf(opened), []);
    },
  );
}

real('a root that can be no lower layer is named', async (t) => {
  const opened = await open(t);
  const file = join(folder(t), 'file');
  writeFileSync(file, '');
  const error = await t.throwsAsync(
    opened.create(opened.id, 'true', { options: { overlay: 'disk' }, change: withRoot(file) }),
  );
  t.regex(error.message, /ENOTDIR|not a directory/);
  t.deepEqual(mountsOf(opened), []);
});

real(
  'where the run directory can hold no layer, the error names it and the remedy; in memory it works',
  async (t) => {
    // An overlay cannot lie on another, so that is where this one would be.
    const place = folder(t);
    const base = await open(t);
    await base.run(base.id, idle, { options: { overlay: 'disk' } });
    const inside = join(base.directory, 'bundles', base.id, 'rootfs');
    const directory = join(inside, 'run');
    const { linuxPlatform } = await import('../../../../platforms/linux/index.ts');
    const id = `${base.id}-in`;
    const listener = { exited: () => undefined, oomKilled: () => undefined };
    const sandbox = await linuxPlatform({ overlay: 'disk' }).openSandbox({ id, directory }, listener, soon());
    t.teardown(() => sandbox.close(soon()));
    const root = await sharedRootfs();
    const request = { cid: id, isRoot: true, bundle: place, spec: shell(root, 'true'), files: [] };
    const error = await t.throwsAsync(sandbox.create(request, soon()));
    t.true(isError(error, 'OVERLAY'), error.message);
    t.regex(error.message, /layers\/.*the file system there is overlayfs: .*remedy: --overlay=memory/);
    await sandbox.create({ ...request, options: { overlay: 'memory' } }, soon());
    await sandbox.close(soon());
  },
);

real('what a supervisor that was killed has left is cleared away', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'rs-left-'));
  const id = `test-${process.pid}-left`;
  const program = fileURLToPath(new URL('../support/supervisor.js', import.meta.url));
  const child = spawn(process.execPath, [program, id, directory, await sharedRootfs(), 'memory'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
  const count = () =>
    readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .filter((line) => line.includes(`${directory}/`)).length;
  t.true(count() >= 4);
  await destroyLeftovers(directory, id, { signal: soon() });
  t.is(count(), 0);
  t.deepEqual(remainsOf({ id, directory }), []);
});
