import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { resolveUser } from '../../oci/index.ts';
import { isError } from '../../errors/index.ts';

const passwd =
  'root:x:0:0:root:/root:/bin/sh\n# a comment\n+nis\nann:x:1000:100::/home/ann:/bin/sh\n1000x:x:7:7::home:\n';
const group = 'root:x:0:\nusers:x:100:\nwheel:x:10:root,ann\nvideo:x:44:ann\n';

function rootWith(t: ExecutionContext, files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'runstate-user-'));
  t.teardown(() => {
    rmSync(root, { recursive: true });
  });
  mkdirSync(join(root, 'etc'));
  for (const [path, text] of Object.entries(files)) writeFileSync(join(root, path), text);
  return root;
}

test('names, numbers and groups, as container engines look them up', async (t) => {
  const root = rootWith(t, { 'etc/passwd': passwd, 'etc/group': group });
  const ann = { uid: 1000, gid: 100, additionalGids: [10, 44], home: '/home/ann' };
  t.deepEqual(await resolveUser('ann', root), ann);
  t.deepEqual(await resolveUser('1000', root), ann);
  t.deepEqual(await resolveUser('ann:wheel', root), { ...ann, gid: 10, additionalGids: [] });
  t.deepEqual(await resolveUser('ann:4242', root), { ...ann, gid: 4242, additionalGids: [] });
  t.deepEqual(await resolveUser('4711', root), { uid: 4711, gid: 0, additionalGids: [], home: '/' });
  t.is((await resolveUser('1000x', root)).home, '/', 'a relative home is none');
});

test('a tree without accounts takes numbers only', async (t) => {
  const root = rootWith(t, {});
  t.deepEqual(await resolveUser('0:0', root), { uid: 0, gid: 0, additionalGids: [], home: '/' });
  await t.throwsAsync(resolveUser('root', root), { message: `user "root" is not in its /etc/passwd` });
  await t.throwsAsync(resolveUser('0:wheel', root), {
    message: `group "wheel" is not in /etc/group of ${root}`,
  });
});

test('what is no user is refused', async (t) => {
  const root = rootWith(t, { 'etc/passwd': passwd });
  for (const bad of ['', ':', 'ann:', ':0', 'a:b:c', '4294967295', '-1', '+nis', '# a comment']) {
    t.true(isError(await t.throwsAsync(resolveUser(bad, root)), 'INVALID_ARGUMENT'), bad);
  }
});

test('links lead from the root of the tree, never out of it', async (t) => {
  const root = rootWith(t, {});
  const outside = rootWith(t, { passwd: 'evil:x:666:666::/:\n' });
  rmSync(join(root, 'etc'), { recursive: true });
  mkdirSync(join(root, 'usr/etc'), { recursive: true });
  symlinkSync('/usr/etc', join(root, 'etc'));
  symlinkSync('../../../../usr/etc/real', join(root, 'usr/etc/passwd'));
  writeFileSync(join(root, 'usr/etc/real'), passwd);
  t.is((await resolveUser('ann', root)).uid, 1000);

  for (const target of [join(outside, 'passwd'), `../../../../../../../..${outside}/passwd`]) {
    rmSync(join(root, 'usr/etc/passwd'));
    symlinkSync(target, join(root, 'usr/etc/passwd'));
    await t.throwsAsync(resolveUser('evil', root), { message: /is not in/ });
  }
});

// Alone, because it counts descriptors.
test.serial('hostile files are refused, none is waited for, nothing stays open', async (t) => {
  const root = rootWith(t, {});
  const open = () => readdirSync('/proc/self/fd').length;
  const before = open();
  const passwdFile = join(root, 'etc/passwd');
  execFileSync('mkfifo', [passwdFile]);
  await t.throwsAsync(resolveUser('root', root), { message: /not a regular file/ });
  rmSync(passwdFile);
  symlinkSync('passwd', passwdFile);
  await t.throwsAsync(resolveUser('root', root), { message: /too many links/ });
  rmSync(passwdFile);
  writeFileSync(passwdFile, '');
  truncateSync(passwdFile, 5 << 20);
  await t.throwsAsync(resolveUser('root', root), { message: /has 5242880 bytes/ });
  t.is(open(), before);
});
