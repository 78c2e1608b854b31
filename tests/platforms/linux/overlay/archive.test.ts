/** Layers saved, and filled again above the same root: what is seen through the mount must be the same. */
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import test from 'ava';
import { makeWithAttributes } from '../support/archive-with-attributes.ts';
import { copy, kinds, mib, place, sh } from '../support/layers.ts';
import { whyNot } from '../support/sandbox.ts';
import { attributesOf, treeOf } from '../support/trees.ts';

const why = whyNot();
if (why !== undefined) console.log(`skipped, because nothing can be mounted here: ${why}`);
const real = why === undefined ? test.serial : test.serial.skip;

/** What there is before anything is changed. */
const lower = `
mkdir -p replaced/deep renamed/below gone emptied kept/a/b
for f in file gone/x replaced/old replaced/deep/old renamed/below/file emptied/1 emptied/2 kept/a/b/c touched linked; do echo "lower $f" > $f; done
chmod 640 touched; ln linked linked-too; ln -s file points; mkfifo pipe
chmod 1777 kept; chmod 2750 .`;

/** Everything that can be changed. */
const changes = `
rm file; rm -r gone
rm -r replaced; mkdir replaced; echo new > replaced/new
rm emptied/1; echo two >> emptied/2
chmod 4711 touched; chown 1000:1001 touched
ln touched kept/hard; echo first > one; ln one two; ln one kept/three
ln -s ../nowhere kept/dangling; rm points; ln -s touched points
mkfifo -m 600 queue; mknod null c 1 3; mknod disk b 7 200
rm kept/a/b/c; mkdir kept/a/b/c; echo in > kept/a/b/c/in
truncate -s 64M sparse; printf end | dd of=sparse bs=1 seek=50000000 conv=notrunc 2>/dev/null
echo mine > owned; chown 1000:1000 owned; mkdir -m 0 closed; chown 1000 closed
mkdir 'odd "name'; echo x > "odd \\"name/$(printf 'new\\nline')"; printf y > "$(printf 'latin-\\351')"
touch -d '2001-02-03 04:05:06.123456789' owned; touch -d '2002-03-04 05:06:07.987654321' closed kept
echo > .hidden; chmod 711 .`;

const everything = (directory: string): readonly string[] =>
  treeOf(directory).map((entry) => Object.values(entry).map(String).join(' | '));

for (const kind of kinds) {
  real(`${kind}: all that a container changed is there again above another mount of the root`, async (t) => {
    const { root, directory, show, upper, fresh, hide } = place(t);
    sh(root, lower);
    const before = everything(root);
    const shown = show('first', kind);
    sh(shown, changes);
    // By rename(2): mv of a directory would copy where that is refused.
    spawnSync(process.execPath, ['-e', "require('fs').renameSync('renamed', 'kept/moved')"], { cwd: shown });
    makeWithAttributes(shown, {
      name: 'attributes',
      content: 'labelled',
      records: {
        'SCHILY.xattr.user.note': 'kept',
        'SCHILY.xattr.trusted.note': 'by root',
        // cap_net_raw, of version 2: a file of it in any other place would be refused by the kernel.
        'SCHILY.xattr.security.capability': '\u0001\0\0\u0002\0\u0020\0\0\0\0\0\0\0\0\0\0\0\0\0\0',
        'SCHILY.acl.access': 'user::rw-,user:1000:r--,group::r--,mask::r--,other::---',
      },
    });
    const changed = everything(shown);
    const attributes = attributesOf(shown);
    t.true(attributes.includes('SCHILY.xattr.user.note=kept'), attributes.join('\n'));
    t.true(attributes.some((line) => line.startsWith('SCHILY.xattr.security.capability=')));
    t.true(attributes.some((line) => line.startsWith('SCHILY.acl.access=')));
    t.deepEqual(readdirSync(join(shown, 'replaced')), ['new']);
    t.deepEqual(readdirSync(join(shown, 'kept/moved/below')), ['file']);
    const blocks = statSync(join(shown, 'sparse')).blocks;

    // Saved while it is mounted, as at a checkpoint.
    const bytes = await copy(t, upper('first'), fresh('second', kind));
    t.true(bytes < mib, `${bytes} bytes: the holes are in it`);
    hide();
    const again = show('second', kind);
    t.deepEqual(everything(again), changed);
    t.deepEqual(attributesOf(again), attributes);
    t.true(statSync(join(again, 'sparse')).blocks <= Math.max(blocks, 64));
    sh(
      again,
      'echo more >> emptied/2; rm kept/moved/below/file; rmdir kept/moved/below; mkdir gone; test -z "$(ls gone)"',
    );
    t.deepEqual(everything(root), before);

    // A copy of the copy: nothing is lost from one to the next.
    hide();
    const third = show('second', kind);
    const second = everything(third);
    await copy(t, upper('second'), fresh('third', kind));
    t.deepEqual(everything(show('third', kind)), second);
    t.false(readdirSync(directory).includes('try'));
  });
}

real('a socket is left out, and the rest is saved', async (t) => {
  const { show, upper, fresh } = place(t);
  const shown = show('first');
  const script = "require('net').createServer().listen('socket', () => process.kill(process.pid, 9))";
  spawnSync(process.execPath, ['-e', script], { cwd: shown });
  writeFileSync(join(shown, 'file'), 'x');
  t.deepEqual(readdirSync(shown).sort(), ['file', 'socket']);
  await copy(t, upper('first'), fresh('second'));
  t.deepEqual(readdirSync(show('second')), ['file']);
});
