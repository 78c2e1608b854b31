/** Overlays by the command line's flags and the library's options. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Sandbox, type RunOptions } from '../../index.ts';
import { treeOf } from '../platforms/linux/support/trees.ts';
import { eventually, makeCli, programsOf, real, rootfs, unique } from './support.ts';

const mountsWith = (text: string): readonly string[] =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes(text));

const change = 'echo mine > /file; rm -r /home; cat /file; ls -d /home';
const changed = 'mine\n';

for (const overlay of ['memory', 'disk'])
  real(`run --overlay=${overlay}: it may write, the directory stays, nothing is left`, async (t) => {
    const cli = makeCli(t);
    const before = treeOf(rootfs);
    const { stdout } = await cli.run([
      'run',
      `--overlay=${overlay}`,
      '--rootfs',
      rootfs,
      unique('layer'),
      '--',
      'sh',
      '-c',
      change,
    ]);
    t.is(stdout, changed);
    t.deepEqual(treeOf(rootfs), before);
    t.deepEqual(mountsWith(cli.root), []);
    t.deepEqual(readdirSync(join(cli.root, 'sandboxes')), []);
  });

real(
  'run without --overlay: the directory is read only, and --overlay=none does not change that',
  async (t) => {
    const cli = makeCli(t);
    for (const flags of [[], ['--overlay=none']]) {
      const { code, stderr } = await cli.run([
        'run',
        ...flags,
        '--rootfs',
        rootfs,
        unique('none'),
        '--',
        'touch',
        '/file',
      ]);
      t.is(code, 1);
      t.regex(stderr, /Read-only file system/);
    }
  },
);

real('create --overlay on a bundle, with a size; delete --force leaves nothing', async (t) => {
  const cli = makeCli(t);
  const id = unique('sized');
  const bundle = cli.bundle('b', ['sleep', '1000'], (spec) => ({ ...spec, root: { path: rootfs } }));
  await cli.ok('create', '--overlay=memory', '--overlay-size', '2m', '--bundle', bundle, id);
  await cli.ok('start', id);
  const { stdout, stderr } = await cli.run([
    'exec',
    id,
    'sh',
    '-c',
    'df -k / | tail -1; dd if=/dev/zero of=/big bs=64k count=64',
  ]);
  t.regex(stdout, / 2048 /);
  t.regex(stderr, /No space left on device/);
  t.is(mountsWith(cli.root).filter((line) => line.includes('/layers/')).length, 1);
  await cli.ok('delete', '--force', id);
  t.deepEqual(mountsWith(cli.root), []);
});

real('serve --overlay is for all that do not say otherwise; what cannot be is refused', async (t) => {
  const cli = makeCli(t);
  const server = cli.start(['serve', '--overlay=memory'], { stdio: 'ignore' });
  t.teardown(() => server.kill('SIGTERM'));
  await eventually(() => (mountsServed(cli.root) ? true : undefined), 'it serves');
  const bundle = cli.bundle('b', ['sh', '-c', `${change}; df / | tail -1`], (spec) => ({
    ...spec,
    root: { path: rootfs },
  }));
  const before = treeOf(rootfs);
  const { stdout } = await cli.run(['run', '--bundle', bundle, unique('served')]);
  t.regex(stdout, /^mine\nrunstate /);
  t.deepEqual(treeOf(rootfs), before);
  t.true(programsOf(cli.root).length > 0);
  const wrong = await cli.run(['run', '--overlay=paper', '--rootfs', rootfs, unique('w'), '--', 'true']);
  t.regex(wrong.stderr, /'paper' is invalid. Allowed choices are memory, disk, none/);
  const disk = await cli.run([
    'run',
    '--overlay=disk',
    '--overlay-size=1m',
    '--rootfs',
    rootfs,
    unique('w'),
    '--',
    'true',
  ]);
  t.regex(disk.stderr, /--overlay-size is for --overlay=memory/);
  const none = await cli.run([
    'run',
    '--overlay=memory',
    '--overlay-size=lots',
    '--rootfs',
    rootfs,
    unique('w'),
    '--',
    'true',
  ]);
  t.regex(none.stderr, /"lots" is no size/);
});

const mountsServed = (root: string): boolean => {
  try {
    return readdirSync(root).includes('supervisor.sock');
  } catch {
    // It has not made the directory yet.
    return false;
  }
};

real(
  "the library: a sandbox's overlay is that of its containers too, unless they have their own",
  async (t) => {
    const cli = makeCli(t);
    const before = treeOf(rootfs);
    const sandbox = await Sandbox.create({
      id: unique('lib'),
      root: cli.root,
      rootfs,
      overlay: 'memory',
      overlaySize: '3m',
    });
    try {
      const first = await (await sandbox.root.exec(['sh', '-c', `${change}; df -k / | tail -1`])).output();
      t.regex(first.stdout, /^mine\nrunstate +3072 /);
      const inAnother = async (options: RunOptions, script: string) => {
        const container = await sandbox.run(['sleep', '1000'], options);
        return (await container.exec(['sh', '-c', script])).output();
      };
      const show = 'df -k / | tail -1';
      t.regex((await inAnother({}, `ls -d /home; ls /file; ${show}`)).stdout, /^\/home\nrunstate +3072 /);
      t.regex(
        (await inAnother({ overlay: 'disk' }, `${change}; ${show}`)).stdout,
        /^mine\nrunstate +\d{5,} /,
      );
      t.regex((await inAnother({ readonly: true }, change)).stderr, /Read-only file system/);
      t.regex((await inAnother({ overlay: 'none' }, change)).stderr, /Read-only file system/);
    } finally {
      await sandbox.destroy();
    }
    t.deepEqual(treeOf(rootfs), before);
    t.deepEqual(mountsWith(cli.root), []);
  },
);
