/** What is wrong with a journal is told, of that sandbox alone. */
import { existsSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { Sandbox } from 'runstate';
import { sandboxFiles } from '../../actors/run-directory/index.ts';
import { killSupervisor, makeCli, makePlace, real, remains, rootfs, unique } from './support.ts';

real('a torn end is cut off', async (t) => {
  const { root } = makePlace(t);
  const id = unique('torn');
  await using sandbox = await Sandbox.create({ root, id, rootfs });
  const { journal } = sandboxFiles(root, id);
  await killSupervisor(root, id);
  truncateSync(journal, statSync(journal).size - 7);
  t.is((await sandbox.root.state()).status, 'running');
  await killSupervisor(root, id);
  writeFileSync(journal, 'half a rec', { flag: 'a' });
  t.is((await sandbox.root.state()).status, 'running');
  t.notRegex(readFileSync(journal, 'utf8'), /half a rec/);
});

real(
  'one that is damaged in the middle is told of, with the line; the others are not hidden by it',
  async (t) => {
    const cli = makeCli(t);
    const { root } = cli;
    const [good, bad] = [unique('good'), unique('bad')];
    await cli.quietly('run', '-d', '--rootfs', rootfs, good, '--', 'sleep', '100000');
    await cli.quietly('run', '-d', '--rootfs', rootfs, bad, '--', 'sleep', '100000');
    const { journal } = sandboxFiles(root, bad);
    await killSupervisor(root, bad);
    await killSupervisor(root, good);
    const bytes = readFileSync(journal);
    const third = bytes.indexOf(0x0a, bytes.indexOf(0x0a) + 1) + 30;
    bytes[third] = (bytes[third] ?? 0) ^ 1;
    writeFileSync(journal, bytes);

    const { code, stdout, stderr } = await cli.run(['list']);
    t.is(code, 0);
    t.regex(stdout, new RegExp(`^${bad} +0 +unknown`, 'm'));
    t.regex(stdout, new RegExp(`^${good} +[1-9]\\d* +running`, 'm'));
    t.regex(
      stderr,
      /has died, and it was not taken over: the journal .*journal is damaged in line 3: its checksum is another/,
    );
    t.regex(stderr, new RegExp(`to clear it away: runstate delete --force ${bad}`));
    await cli.ok('delete', '--force', bad);
    t.deepEqual(remains(root, bad), []);
    t.true(existsSync(sandboxFiles(root, good).directory));
    t.is((JSON.parse(await cli.ok('state', good)) as { status: string }).status, 'running');
  },
);
