/** Who sits at a terminal goes on where they were: a shell, its variables and its jobs come back with it. */
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { consoleSocket, inTerminal, shows, type Screen, type Session } from '../cli/in-terminal.ts';
import { eventually, makeCli, real, rootfs, unique } from './support.ts';

/** As of a process that was killed. */
const saved = 137;

/** Whether a shell has the terminal in its hands: what it keeps, its jobs, the keys that are signals, the size. */
async function goesOn(screen: Screen): Promise<void> {
  screen.type('echo "is $kept, $(tty)"; jobs\n');
  await shows(screen, 'is of old, /dev/pts/0\r\n');
  await shows(screen, /\[\d\]\+ {2}Running +sleep 1000\r\n/);
  screen.resize(41, 77);
  // The change comes by a signal.
  await eventually(() => {
    screen.type('stty size\n');
    return screen.output().includes('41 77') || undefined;
  }, 'the new size');
  // A key that is a signal takes what was typed before it, too: not before that has been read.
  screen.type(`sh -c 'trap "echo caught; exit" INT; echo up $((6*7)); while :; do sleep 0.1; done'\n`);
  await shows(screen, 'up 42\r\n');
  await pressUntil(screen, '\x03', 'caught\r\n');
  screen.type('fg\n');
  await shows(screen, /fg\r\nsleep 1000\r\n/);
  await pressUntil(screen, '\x1a', '+  Stopped');
  screen.type('kill -9 %%; fg; echo gone $?\n');
  await shows(screen, 'gone 137\r\n');
}

const pressUntil = (screen: Screen, key: string, what: string): Promise<true> =>
  eventually(
    () => {
      if (screen.output().includes(what)) return true;
      screen.type(key);
      return undefined;
    },
    `${what} in ${JSON.stringify(screen.output())}`,
  );

/** Its exit code, by a deadline. */
const endOf = (session: Session): Promise<number> =>
  Promise.race([
    session.ended,
    after(20_000, undefined, { ref: false }).then(() =>
      Promise.reject(new Error(`does not end: ${JSON.stringify(session.output())}`)),
    ),
  ]);

async function begin(screen: Screen): Promise<void> {
  await shows(screen, '# ');
  screen.type("kept='of old'; sleep 1000 & echo job $!\n");
  await shows(screen, /job \d+\r\n/);
}

real('a shell at a terminal goes on under another id, also a second time', async (t) => {
  const cli = makeCli(t);
  const [old, id] = [unique('old'), unique('new')];
  const before = inTerminal(t, cli, ['run', '-t', '--rootfs', rootfs, old, '--', 'sh']);
  await begin(before);
  const settings = before.settings();
  const image = join(cli.directory, 'image');
  await cli.ok('checkpoint', '--image-path', image, old);
  t.is(await endOf(before), saved);
  t.regex(before.output(), /was saved by a checkpoint/);
  t.not(before.settings(), settings, 'ours are given back');

  const between = inTerminal(t, cli, ['restore', '--image-path', image, id]);
  await goesOn(between);
  between.type('sleep 1000 &\n');
  await shows(between, /sleep 1000 &\r\n/);
  await cli.ok('checkpoint', '--image-path', image, id);
  t.is(await endOf(between), saved);

  const again = inTerminal(t, cli, ['restore', '--image-path', image, old]);
  await goesOn(again);
  again.type('exit 7\n');
  t.is(await endOf(again), 7);
  t.is(await cli.ok('list', '--quiet'), '');
});

real('a shell whose terminal went to a console socket goes on at another one', async (t) => {
  const cli = makeCli(t);
  const [old, id] = [unique('old'), unique('new')];
  const [first, second] = [join(cli.directory, 'first'), join(cli.directory, 'second')];
  const image = join(cli.directory, 'image');
  const from = consoleSocket(t, first);
  await cli.ok('run', '-t', '-d', '--console-socket', first, '--rootfs', rootfs, old, '--', 'sh');
  await begin(await from.screen());
  await cli.ok('checkpoint', '--image-path', image, old);

  const refused = await cli.run(['restore', '-d', '--image-path', image, id]);
  t.is(refused.code, 1);
  t.regex(refused.stderr, /needs --console-socket/);
  const to = consoleSocket(t, second);
  await cli.ok('restore', '-d', '--console-socket', second, '--image-path', image, id);
  const screen = await to.screen();
  await goesOn(screen);
  screen.type('exit 7\n');
  t.is(await cli.ok('wait', id), `{"id":"${id}","exitStatus":7}\n`);
});
