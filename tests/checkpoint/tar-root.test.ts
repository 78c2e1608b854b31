/** A root file system that came as a tar archive belongs to its sandbox, and is saved with it. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { Sandbox } from '../../index.ts';
import { makePlace, read, real, remains, rootfs, unique } from './support.ts';

const quiet = { stdout: 'ignore', stderr: 'ignore' } as const;

real('it comes back as it was left, for all containers that have it, generation by generation', async (t) => {
  const { root, file } = makePlace(t);
  execFileSync('tar', ['-czf', file('root.tgz'), '-C', rootfs, '.']);
  const [first, other] = [unique('first'), unique('other')];
  let sandbox = await Sandbox.create({ root, id: first, rootfs: file('root.tgz') });
  const sh = (script: string): Promise<string> => read(sandbox.root, 'sh', '-c', script);
  await sh('echo one > /etc/word; rm /bin/vi; chmod 600 /etc/passwd');
  await sandbox.run(['sleep', '1000'], { id: other, ...quiet });
  for (const id of ['second', 'third'].map(unique)) {
    await sandbox.checkpoint(file('state'));
    const before = sandbox.id;
    await sandbox.destroy();
    t.deepEqual(remains(root, before), []);
    sandbox = await Sandbox.restore(file('state'), { root, id });
    await sh('echo more >> /etc/word');
  }
  t.is(await sh('cat /etc/word; ls /bin/vi 2>/dev/null; stat -c %a /etc/passwd'), 'one\nmore\nmore\n600\n');
  t.is(await read(sandbox.container(other), 'cat', '/etc/word'), 'one\nmore\nmore\n');
  // Another that has the root's by default finds where it is now.
  const late = await sandbox.run(['sleep', '1000'], quiet);
  t.is(await read(late, 'head', '-n', '1', '/etc/word'), 'one\n');
  const { id } = sandbox;
  await sandbox.destroy();
  t.deepEqual(remains(root, id), []);
  t.true(existsSync(rootfs));
});
