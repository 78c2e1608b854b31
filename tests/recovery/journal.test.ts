/** What a journal tells: to people, to observers that come later, and when it has grown long. */
import { readFileSync, statSync } from 'node:fs';
import { Sandbox } from 'runstate';
import { imageOf, readJournal } from '../../actors/journal/index.ts';
import { sandboxFiles } from '../../actors/run-directory/index.ts';
import { eventually, killSupervisor, makeCli, real, rootfs, unique } from './support.ts';

real('it can be read while nobody hosts the sandbox, and shows what was before', async (t) => {
  const cli = makeCli(t);
  const id = unique('read');
  await cli.quietly('run', '-d', '--rootfs', rootfs, id, '--', 'sleep', '100000');
  await cli.ok('pause', id);
  await killSupervisor(cli.root, id);
  const text = Buffer.from(await cli.ok('journal', id), 'latin1').toString();
  t.regex(text, /→ containerManager\.Pause\n/);
  t.regex(text, /platform: freeze succeeded after/);
  t.regex(text, /supervisor: process \d+ writes from here on\n.* sandbox \S+: registered\n/);
  t.regex(
    text,
    new RegExp(`sandbox ${id}: pausing → paused\n.*← containerManager\\.Pause after [\\d.]+ ms\n$`),
  );
  await cli.ok('resume', id);
  const lines = (await cli.ok('journal', '--format', 'json', id)).trimEnd().split('\n');
  const records = lines.map((line) => JSON.parse(line) as { type: string });
  t.is(records.filter(({ type }) => type === 'begin').length, 2);
  // Observers see what was before, too.
  const watched = cli.start(['watch', '--format', 'json', id], { stdio: ['ignore', 'pipe', 'inherit'] });
  let told = '';
  watched.stdout?.on('data', (data: Buffer) => (told += data.toString()));
  await eventually(() => (told.includes('"pausing"') ? true : undefined), 'the pause before is told');
  watched.kill('SIGTERM');
});

real('one that grows long is begun anew, and says the same', async (t) => {
  const cli = makeCli(t);
  const id = unique('long');
  await using sandbox = await Sandbox.create({ root: cli.root, id, rootfs });
  const kept = await sandbox.run(['sleep', '100000']);
  const ended = await sandbox.run(['sh', '-c', 'exit 4']);
  await ended.wait();
  const { journal } = sandboxFiles(cli.root, id);
  const grown = (): boolean => readFileSync(journal, 'utf8').includes('"type":"snapshot"');
  let most = 0;
  for (let i = 0; i < 3000 && !grown(); i += 50) {
    for (let one = 0; one < 50; one++) {
      await sandbox.pause();
      await sandbox.resume();
    }
    most = Math.max(most, statSync(journal).size);
  }
  t.true(grown(), `it has ${most} bytes`);
  const image = imageOf(readJournal(journal).records);
  t.deepEqual(
    image.containers.map(({ cid, path }) => [cid, path]),
    [
      [id, 'running'],
      [kept.id, 'running'],
      [ended.id, 'stopped'],
    ],
  );
  await killSupervisor(cli.root, id);
  t.is((await kept.state()).status, 'running');
  t.deepEqual(await ended.wait(), { kind: 'exited', code: 4 });
});
