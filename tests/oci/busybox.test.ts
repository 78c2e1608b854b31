import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { makeBusyboxRootfs, resolveUser } from '../../oci/index.ts';
import { isError } from '../../errors/index.ts';

const there = existsSync('/bin/busybox');
if (!there)
  console.warn('a test of the busybox root file system is skipped: needs /bin/busybox (busybox-static)');

(there ? test : test.skip)(
  'a root file system of busybox has programs, accounts and places to mount on',
  async (t) => {
    const root = mkdtempSync(join(tmpdir(), 'runstate-busybox-'));
    t.teardown(() => {
      rmSync(root, { recursive: true });
    });
    const umask = process.umask(0o077);
    await makeBusyboxRootfs(root).finally(() => process.umask(umask));
    t.is(spawnSync(join(root, 'bin/busybox'), ['echo', 'hi'], { encoding: 'utf8' }).stdout, 'hi\n');
    t.is(readlinkSync(join(root, 'bin/sh')), '/bin/busybox');
    t.is(statSync(join(root, 'tmp')).mode & 0o7777, 0o1777);
    t.is(statSync(join(root, 'bin')).mode & 0o7777, 0o755);
    t.regex(readFileSync(join(root, 'etc/passwd'), 'utf8'), /^root:/);
    t.is((await resolveUser('nobody', root)).uid, 65534);
  },
);

test('without a busybox the error names what it wanted', async (t) => {
  const root = join(tmpdir(), 'runstate-busybox-none');
  const error = await t.throwsAsync(makeBusyboxRootfs(root, { busybox: '/nonexistent/busybox' }));
  t.true(isError(error, 'SYSTEM'));
  t.regex(error.message, /\/nonexistent\/busybox/);
  t.false(existsSync(root));
});
