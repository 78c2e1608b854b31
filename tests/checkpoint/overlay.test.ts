/** What containers wrote above a root that they share comes back with them, and the root stays as it is. */
import { Sandbox, type Container } from '../../index.ts';
import { treeOf } from '../platforms/linux/support/trees.ts';
import { makePlace, read, real, rootfs, unique } from './support.ts';

/** Changes, removes and makes files, and keeps one open that has no name any more. */
const program = [
  'echo changed > /etc/passwd',
  'rm -r /home',
  'mkdir -p /srv/new && echo made > /srv/new/file && ln /srv/new/file /srv/new/same && ln -s file /srv/new/link',
  'exec 8> /srv/nameless 9< /srv/nameless',
  'rm /srv/nameless',
  'echo first >&8',
  'echo ready > /dev/shm/ready',
  // Told by its reader what to write next.
  'while :; do [ -e /dev/shm/go ] && rm /dev/shm/go && echo again >&8 && touch /dev/shm/gone; sleep 0.02; done',
].join('\n');

const look =
  'cat /etc/passwd; ls -d /home; cat /srv/new/file; readlink /srv/new/link; stat -c %h /srv/new/file; ls /srv';
const seen = 'changed\nmade\nfile\n2\nnew\n';

/** By the descriptor of the program, which reads from the beginning each time it is opened anew. */
const nameless = ['sh', '-c', 'for one in /proc/[0-9]*/fd/9; do cat $one 2>/dev/null && exit; done'];

const ready = (container: Container): Promise<string> =>
  read(container, 'sh', '-c', 'until [ -e /dev/shm/ready ]; do sleep 0.02; done');

async function writesOn(container: Container): Promise<void> {
  await read(container, 'sh', '-c', 'touch /dev/shm/go; until [ -e /dev/shm/gone ]; do sleep 0.02; done');
}

for (const overlay of ['memory', 'disk'] as const)
  real(
    `overlay in ${overlay}: files are as they were under another id, and clones go their own ways`,
    async (t) => {
      const { root, file } = makePlace(t);
      const before = treeOf(rootfs);
      const sandbox = await Sandbox.create({
        ...{ root, id: unique('old'), rootfs, overlay, args: ['sh', '-c', program] },
        ...{ stdout: 'ignore', stderr: 'ignore' },
      });
      await ready(sandbox.root);
      await sandbox.checkpoint(file('state'));
      await sandbox.destroy();
      t.deepEqual(treeOf(rootfs), before);

      {
        await using back = await Sandbox.restore(file('state'), { root, id: unique('new') });
        t.is(await read(back.root, 'sh', '-c', look), seen);
        t.is(await read(back.root, ...nameless), 'first\n');
        await writesOn(back.root);
        t.is(await read(back.root, ...nameless), 'first\nagain\n');
        await read(back.root, 'sh', '-c', 'echo more >> /srv/new/same');
        t.is(await read(back.root, 'cat', '/srv/new/file'), 'made\nmore\n');
      }

      const outcomes = await Sandbox.fork(file('state'), [unique('a'), unique('b')], { root });
      const clones = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      try {
        t.is(clones.length, 2);
        for (const { id, root: container } of clones) {
          t.is(await read(container, 'sh', '-c', look), seen);
          await read(container, 'sh', '-c', `echo ${id} > /srv/new/file; touch /srv/${id}`);
        }
        for (const { id, root: container } of clones) {
          t.is(await read(container, 'cat', '/srv/new/same'), `${id}\n`);
          t.is(await read(container, 'ls', '/srv'), `${id}\nnew\n`);
        }
        const [first, second] = clones;
        if (first !== undefined && second !== undefined) {
          await writesOn(first.root);
          t.is(await read(first.root, ...nameless), 'first\nagain\n');
          t.is(await read(second.root, ...nameless), 'first\n');
        }
      } finally {
        for (const clone of clones) await clone.destroy();
      }
      t.deepEqual(treeOf(rootfs), before);
    },
  );
