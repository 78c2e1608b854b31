/** Terminals: ours joined to the container's, and one sent to a console socket. */
import { readSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { files, sockets } from '../../native/index.ts';
import { inTerminal, shows } from './in-terminal.ts';
import { eventually, makeCli, real, rootfs, unique } from './support.ts';

const t1 = unique('t1');

real('run -t: a shell that one can type to, with our size and our changes of it', async (t) => {
  const cli = makeCli(t);
  const session = inTerminal(t, cli, ['run', '-t', '--rootfs', rootfs, t1, '--', 'sh']);
  await shows(session, '# ');
  session.type('tty; stty size; echo $TERM\n');
  await shows(session, /\/dev\/pts\/0\r\n30 100\r\nxterm\r\n/);
  session.resize(41, 77);
  // The change comes by a signal.
  await eventually(() => {
    session.type('stty size\n');
    return session.output().includes('41 77') || undefined;
  }, 'the new size');
  // A key that is a signal at a terminal that is not raw.
  session.type('sleep 50\n');
  await shows(session, 'sleep 50');
  await after(300);
  session.type('\x03');
  await shows(session, /\^C\r\n/);
  session.type('echo int$?; exit 7\n');
  await shows(session, 'int130');
  t.is(await session.ended, 7);
});

real('exec -t: the same, in a container that runs; our settings come back', async (t) => {
  const cli = makeCli(t);
  await cli.ok('run', '-d', '--rootfs', rootfs, t1, '--', 'sleep', '100');
  const session = inTerminal(t, cli, ['exec', '-t', t1, '--', 'sh', '-c', 'stty size; cat; exit 3']);
  const before = session.settings();
  await shows(session, '30 100\r\n');
  t.not(session.settings(), before, 'raw meanwhile');
  session.type('héllo\n');
  await shows(session, 'héllo\r\nhéllo\r\n');
  session.type('\x04');
  t.is(await session.ended, 3);
  t.is(session.settings(), before);
  // All that was written last is there.
  const much = inTerminal(t, cli, ['exec', '-t', t1, '--', 'sh', '-c', 'seq 1 20000; echo the end']);
  t.is(await much.ended, 0);
  await shows(much, '20000\r\nthe end\r\n');
});

real('our settings come back, too, when a signal ends us', async (t) => {
  const cli = makeCli(t);
  await cli.ok('run', '-d', '--rootfs', rootfs, t1, '--', 'sleep', '100');
  const session = inTerminal(t, cli, [
    'exec',
    '-t',
    t1,
    '--',
    'sh',
    '-c',
    'trap "echo bye; exit 8" TERM; echo up; while :; do sleep 0.1; done',
  ]);
  const before = session.settings();
  await shows(session, 'up\r\n');
  session.kill('SIGTERM');
  await shows(session, 'bye\r\n');
  t.is(await session.ended, 8);
  t.is(session.settings(), before);
});

real('-t works where standard input is no terminal', async (t) => {
  const cli = makeCli(t);
  const { code, stdout } = await cli.run(['run', '-t', '--rootfs', rootfs, t1, '--', 'sh'], {
    input: 'echo $((6*7))\n',
  });
  t.is(code, 0);
  t.regex(stdout, /42\r\n/);
});

real('create with a console socket sends the terminal there', async (t) => {
  const cli = makeCli(t);
  const bundle = cli.bundle('b', ['sh', '-c', 'read line; echo "got $line"; exit 2'], (spec) => ({
    ...spec,
    process: { cwd: '/', ...spec.process, terminal: true },
  }));
  const refused = await cli.run(['create', '--bundle', bundle, t1]);
  t.is(refused.code, 1);
  t.regex(refused.stderr, /needs --console-socket/);
  const path = join(cli.directory, 'console');
  const listener = sockets.listen(path);
  await cli.ok('create', '--bundle', bundle, '--console-socket', path, t1);
  const received: number[] = [];
  const connection = await eventually(() => sockets.accept(listener), 'a connection');
  await eventually(
    () => (sockets.receive(connection, Buffer.alloc(100), received) === 'again' ? undefined : true),
    'a terminal',
  );
  const [master] = received;
  if (master === undefined) throw new Error('no terminal came');
  await cli.ok('start', t1);
  files.setNonBlocking(master, false);
  files.write(master, Buffer.from('this\n'));
  const buffer = Buffer.alloc(1000);
  let text = '';
  while (!text.includes('got this')) text += buffer.toString('utf8', 0, readSync(master, buffer));
  t.is(await cli.ok('wait', t1), `{"id":"${t1}","exitStatus":2}\n`);
  for (const fd of [master, connection, listener]) files.close(fd);
  const none = await cli.run(['exec', '--console-socket', path, t1, '--', 'true']);
  t.regex(none.stderr, /--console-socket is given, but the process has no terminal/);
});
