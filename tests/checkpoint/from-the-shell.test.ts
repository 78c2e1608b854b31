/** checkpoint and restore as users of runc know them: streams, exit codes, pid files, a bar where somebody sees it. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { files } from '../../native/index.ts';
import { inTerminal } from '../cli/in-terminal.ts';
import { finish } from '../cli/support.ts';
import { eventually, makeCli, real, rootfs, unique } from './support.ts';

/** Answers what it reads, and ends as it is told. */
const answers =
  'i=0; while read word rest; do i=$((i+1)); echo "$i $word $rest"; [ "$word" = exit ] && exit $rest; done';

/** As a shell makes them, for a program's input and output: Node's own are sockets. */
function pipes(t: ExecutionContext): {
  readonly stdio: [number, number];
  readonly say: (text: string) => void;
  readonly heard: (text: string) => Promise<true>;
} {
  const [input, output] = [files.pipe(), files.pipe({ nonBlocking: true })];
  for (const fd of [input.read, input.write, output.read, output.write]) t.teardown(() => files.close(fd));
  const buffer = Buffer.alloc(4096);
  let text = '';
  return {
    stdio: [input.read, output.write],
    say: (line) => void files.write(input.write, Buffer.from(line)),
    heard: (wanted) =>
      eventually(
        () => {
          const bytes = files.read(output.read, buffer);
          if (typeof bytes === 'number') text += buffer.toString('utf8', 0, bytes);
          return text === wanted ? true : undefined;
        },
        `${JSON.stringify(wanted)}, not ${JSON.stringify(text)}`,
      ),
  };
}

real('restore passes on its pipes, signals and exit code; by a bundle, with a pid file', async (t) => {
  const cli = makeCli(t);
  const [old, id] = [unique('old'), unique('new')];
  const image = join(cli.directory, 'image');
  const bundle = cli.bundle('b', ['sh', '-c', answers]);
  const before = pipes(t);
  const ended = finish(cli.start(['run', '--bundle', bundle, old], { stdio: [...before.stdio, 'ignore'] }));
  before.say('one\n');
  await before.heard('1 one \n');
  t.deepEqual(
    await cli.run(['checkpoint', '--image-path', image, old]),
    { code: 0, stdout: '', stderr: '' },
    'no bar where there is no terminal',
  );
  t.is((await ended).code, 137);

  const after = pipes(t);
  const pidFile = join(cli.directory, 'pid');
  const back = cli.start(['restore', '--image-path', image, '--bundle', bundle, '--pid-file', pidFile, id], {
    stdio: [...after.stdio, 'pipe'],
  });
  after.say('two\n');
  await after.heard('2 two \n');
  await eventually(() => (existsSync(pidFile) ? true : undefined), 'a pid file');
  t.true(existsSync(`/proc/${readFileSync(pidFile, 'utf8')}`));
  after.say('exit 7\n');
  t.deepEqual(await finish(back), { code: 7, stdout: '', stderr: '' });
  await after.heard('2 two \n3 exit 7\n');
  t.is(await cli.ok('list', '--quiet'), '');

  // A signal to who waits for it ends it, also one that comes while the rest is still being told.
  const third = pipes(t);
  const waiting = cli.start(['restore', '--image-path', image, id], { stdio: [...third.stdio, 'pipe'] });
  third.say('x\n');
  await third.heard('2 x \n');
  waiting.kill('SIGTERM');
  t.is((await finish(waiting)).code, 143);
  t.is(await cli.ok('list', '--quiet'), '');
});

real('-d comes back at once; a bar is drawn where there is a terminal, and wiped', async (t) => {
  const cli = makeCli(t);
  const [old, id] = [unique('old'), unique('new')];
  const image = join(cli.directory, 'image');
  await cli.quietly('run', '-d', '--rootfs', rootfs, old, '--', 'sleep', '1000');
  const saving = inTerminal(t, cli, ['checkpoint', '--image-path', image, old]);
  t.is(await saving.ended, 0);
  t.regex(saving.output(), /write .*MB/);
  t.true(saving.output().endsWith('\r\x1b[K'));
  const pidFile = join(cli.directory, 'pid');
  await cli.quietly('restore', '-d', '--pid-file', pidFile, '--image-path', image, id);
  t.is(readFileSync(`/proc/${readFileSync(pidFile, 'utf8')}/comm`, 'utf8'), 'runstate-init\n');
});
