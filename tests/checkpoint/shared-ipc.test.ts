/** System V shared memory, semaphores and queues, which the containers of a sandbox have in common. */
import { execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { Sandbox, type Container } from '../../index.ts';
import { eventually, makePlace, read, real, rootfs, unique } from './support.ts';

const source = join(import.meta.dirname, '../../../tests/fixtures/programs/shared-memory.c');
const quiet = { stdout: 'ignore', stderr: 'ignore' } as const;

real('what one container counts there all see, also after a restore under another id', async (t) => {
  const { root, file } = makePlace(t);
  // A root of the test's own, as the program has to be in it.
  execFileSync('cp', ['-a', rootfs, file('rootfs')]);
  execFileSync('cc', ['-static', '-O1', '-o', file('rootfs/bin/shared-memory'), source]);
  chmodSync(file('rootfs/bin/shared-memory'), 0o755);
  const other = unique('other');
  const counted = async (container: Container): Promise<number> =>
    Number(await read(container, '/bin/shared-memory', 'look'));

  const sandbox = await Sandbox.create({
    ...{ root, id: unique('first'), rootfs: file('rootfs') },
    ...{ args: ['/bin/shared-memory'], ...quiet },
  });
  const beside = await sandbox.run(['sleep', '1000'], { id: other, ...quiet });
  await eventually(async () => ((await counted(beside)) > 10 ? true : undefined), 'the other one sees it');
  await sandbox.checkpoint(file('state'));
  await sandbox.destroy();
  await using back = await Sandbox.restore(file('state'), { root, id: unique('second') });
  for (const container of [back.root, back.container(other)]) {
    const from = await counted(container);
    t.true(from > 10);
    await eventually(async () => ((await counted(container)) > from ? true : undefined), 'it counts on');
  }
});
