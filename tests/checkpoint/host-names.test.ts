/** What clones are called, by themselves. */
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Sandbox } from '../../index.ts';
import { makeCli, makePlace, read, real, rootfs, unique } from './support.ts';

const nameOf = async ({ root }: Sandbox): Promise<string> => (await read(root, 'hostname')).trim();

for (const { what, asked, becomes } of [
  { what: 'the default one', asked: () => undefined, becomes: (id: string) => id },
  { what: 'its id', asked: (id: string) => id, becomes: (id: string) => id },
  { what: 'one that was chosen', asked: () => 'chosen', becomes: () => 'chosen' },
])
  real(`a sandbox whose host name is ${what}: that of its clones`, async (t) => {
    const { root } = makePlace(t);
    const id = unique('origin');
    const name = asked(id);
    await using sandbox = await Sandbox.create({
      ...{ root, id, rootfs, ...(name === undefined ? {} : { hostname: name }) },
    });
    const before = await nameOf(sandbox);
    await sandbox.run(['sleep', '1000'], { id: `${id}-beside`, stdout: 'ignore', stderr: 'ignore' });
    const [first] = await sandbox.fork([unique('first')]);
    if (first?.status !== 'fulfilled') throw new Error('there is no clone', { cause: first?.reason });
    await using clone = first.value;
    t.is(await nameOf(clone), becomes(clone.id));
    // It is the sandbox's: of all of its containers.
    const beside = clone.container(`${clone.id}-beside`);
    t.is((await read(beside, 'hostname')).trim(), becomes(clone.id));
    t.is(await nameOf(sandbox), before);
  });

real('under its own id it keeps its name, and so does the host', async (t) => {
  const cli = makeCli(t);
  const id = unique('same');
  const image = join(cli.directory, 'image');
  const ours = hostname();
  await cli.quietly('run', '-d', '--rootfs', rootfs, id, '--', 'sleep', '1000');
  await cli.ok('checkpoint', '--image-path', image, id);
  await cli.quietly('restore', '-d', '--image-path', image, id);
  t.is(await cli.ok('exec', id, 'hostname'), 'runstate\n');
  t.is(hostname(), ours);
});
