import { closeSync, openSync, readFileSync, readdirSync } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';
import test from 'ava';
import { SharedWatch, files, isSystemError, sockets } from '../../native/index.ts';

test('tells when a socket can be read or written, and leaves its flags alone', async (t) => {
  const [left, right] = sockets.socketPair();
  for (const fd of [left, right]) files.setNonBlocking(fd, false);
  const chunk = new Uint8Array(65_536);
  while (sockets.send(left, chunk) !== undefined);
  let told = 0;
  const watch = new SharedWatch(left, () => told++);
  await after(20);
  t.is(told, 0, 'nothing was wanted');
  watch.want({ writable: true });
  await after(20);
  t.is(told, 0, 'it is full');
  const came: number[] = [];
  while (typeof sockets.receive(right, chunk, came) === 'number');
  await after(20);
  t.true(told > 0);
  watch.want({});
  await after(20);
  told = 0;
  watch.want({ readable: true });
  await after(20);
  t.is(told, 0, 'nothing came');
  sockets.send(right, chunk);
  await after(20);
  t.true(told > 0);
  watch.want({});
  const flags = /flags:\s*(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${left}`, 'latin1'))?.[1] ?? '';
  t.is(Number.parseInt(flags, 8) & 0o4000, 0);
  watch.close();
  for (const fd of [left, right]) files.close(fd);
});

test('tells of an other side that has gone, whatever is wanted', async (t) => {
  const { read, write } = files.pipe({ nonBlocking: true });
  while (files.write(write, new Uint8Array(65_536)) !== undefined);
  await new Promise<void>((resolve) => {
    const watch = new SharedWatch(write, () => {
      watch.close();
      resolve();
    });
    watch.want({ writable: true });
    files.close(read);
  });
  t.true(
    isSystemError(
      t.throws(() => files.write(write, new Uint8Array(1))),
      'EPIPE',
    ),
  );
  files.close(write);
});

test.serial('a regular file cannot be watched, and nothing stays open', (t) => {
  const fd = openSync('/etc/passwd', 'r');
  const before = readdirSync('/proc/self/fd').length;
  t.true(
    isSystemError(
      t.throws(() => new SharedWatch(fd, () => undefined)),
      'EPERM',
    ),
  );
  t.is(readdirSync('/proc/self/fd').length, before);
  closeSync(fd);
});
