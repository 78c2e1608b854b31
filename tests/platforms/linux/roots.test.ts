/** Root file systems that one would rather not have. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { defaultSpec } from '../../../oci/index.ts';
import { makeCli, real, rootfs, unique } from '../../cli/support.ts';

function directory(t: ExecutionContext): string {
  const made = mkdtempSync(join(tmpdir(), 'rs-roots-'));
  t.teardown(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** A copy, with a /dev that leads to a directory of the host. */
function withLinkedDev(t: ExecutionContext): { readonly root: string; readonly host: string } {
  const place = directory(t);
  const [root, host] = [join(place, 'rootfs'), join(place, 'host')];
  cpSync(rootfs, root, { recursive: true, verbatimSymlinks: true });
  rmSync(join(root, 'dev'), { recursive: true, force: true });
  mkdirSync(host);
  writeFileSync(join(host, 'ptmx'), 'mine');
  symlinkSync(host, join(root, 'dev'));
  return { root, host };
}

for (const overlay of ['none', 'memory', 'disk'])
  real(`a /dev that is a link leads nothing out of the root, overlay ${overlay}`, async (t) => {
    const cli = makeCli(t);
    const { root, host } = withLinkedDev(t);
    const flags = ['run', `--overlay=${overlay}`, '--rootfs', root];
    const { code, stderr } = await cli.run([...flags, unique('linked'), '--', 'true']);
    t.is(code, 1);
    t.regex(stderr, /dev in its root file system .* is a link/);
    t.deepEqual(readdirSync(host), ['ptmx']);
  });

real('nor does one in a tar file', async (t) => {
  const cli = makeCli(t);
  const { root, host } = withLinkedDev(t);
  const archive = join(directory(t), 'evil.tar');
  execFileSync('tar', ['-C', root, '-cf', archive, '.']);
  const { code, stderr } = await cli.run(['run', '--rootfs', archive, unique('archive'), '--', 'true']);
  t.is(code, 1);
  t.regex(stderr, /is a link/);
  t.deepEqual(readdirSync(host), ['ptmx']);
});

real('a root that is mounted read-only, with the host’s /dev, runs as with the runtime alone', async (t) => {
  const cli = makeCli(t);
  const place = directory(t);
  const root = join(place, 'rootfs');
  mkdirSync(root);
  execFileSync('mount', ['--bind', rootfs, root]);
  t.teardown(() => execFileSync('umount', [root]));
  execFileSync('mount', ['-o', 'remount,bind,ro', root]);
  const spec = defaultSpec({ args: ['sh', '-c', 'exit 3'], rootfs: root });
  const mounts = [
    ...(spec.mounts ?? []).filter(({ destination }) => destination === '/proc'),
    { destination: '/dev', type: 'bind', source: '/dev', options: ['rbind', 'ro'] },
  ];
  const bundle = join(place, 'bundle');
  mkdirSync(bundle);
  writeFileSync(join(bundle, 'config.json'), JSON.stringify({ ...spec, mounts }));
  const { code, stderr } = await cli.run(['run', '--bundle', bundle, unique('ro')]);
  t.is(code, 3, stderr);
  const asked = await cli.run(['run', '--init', 'runstate', '--bundle', bundle, unique('ro')]);
  t.regex(asked.stderr, /the root file system is read-only, and has no place for it/);
});
