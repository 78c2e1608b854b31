import { readdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import test from 'ava';
import { files, isSystemError, sockets } from '../../native/index.ts';

const openFiles = (): number => readdirSync('/proc/self/fd').length;
const bytes = (text: string): Uint8Array => Buffer.from(text);

function code(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return isSystemError(error) ? `${error.syscall} ${error.code}` : String(error);
  }
  return 'nothing thrown';
}

test.serial('an abstract name with a NUL at its end is another name than without', (t) => {
  const name = `\0runstate-test-${process.pid}`;
  const one = sockets.listen(name);
  const two = sockets.listen(`${name}\0`);
  const client = sockets.connect(`${name}\0`);
  t.is(sockets.accept(one), undefined);
  const served = sockets.accept(two);
  t.not(served, undefined);
  t.is(
    code(() => sockets.listen(name)),
    'bind EADDRINUSE',
  );
  const peer = sockets.peerCredentials(client);
  t.deepEqual(peer, { pid: process.pid, uid: process.getuid?.() ?? -1, gid: process.getgid?.() ?? -1 });
  for (const fd of [one, two, client, served ?? -1]) files.close(fd);
  t.is(
    code(() => sockets.connect(name)),
    'connect ECONNREFUSED',
  );
});

test.serial('a socket in the file system is for its owner alone', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'rs-'));
  const path = join(folder, 's');
  const listener = sockets.listen(path);
  t.is(statSync(path).mode & 0o777, 0o600);
  files.close(listener);
  t.is(
    code(() => sockets.listen(path)),
    'bind EADDRINUSE',
  );
  rmSync(folder, { recursive: true });
  t.is(
    code(() => sockets.connect(path)),
    'connect ENOENT',
  );
});

test.serial('names that do not fit, are empty or hold a NUL are refused', (t) => {
  t.is(
    code(() => sockets.connect('x'.repeat(108))),
    'socket name ENAMETOOLONG',
  );
  t.is(
    code(() => sockets.connect('x'.repeat(107))),
    'connect ENOENT',
  );
  t.is(
    code(() => sockets.connect(`\0${'x'.repeat(107)}`)),
    'connect ECONNREFUSED',
  );
  t.is(
    code(() => sockets.connect('')),
    'socket name EINVAL',
  );
  t.is(
    code(() => sockets.connect('a\0b')),
    'socket name EINVAL',
  );
});

for (const count of [0, 1, 2, 127, 128]) {
  test.serial(`${count} descriptors arrive, open and close-on-exec, and are the receiver's`, (t) => {
    const before = openFiles();
    const [left, right] = sockets.socketPair();
    const { read, write } = files.pipe();
    t.is(sockets.send(left, bytes('hello'), 0, Array<number>(count).fill(write)), 5);
    const into = new Uint8Array(16);
    const got: number[] = [];
    t.is(sockets.receive(right, into, got), 5);
    t.is(Buffer.from(into.subarray(0, 5)).toString(), 'hello');
    t.is(got.length, count);
    for (const fd of got) {
      t.is(files.write(fd, bytes('x')), 1);
      files.close(fd);
    }
    if (count > 0) t.is(files.read(read, new Uint8Array(count + 1)), count);
    t.is(sockets.receive(right, into, got), 'again');
    for (const fd of [left, right, read, write]) files.close(fd);
    t.is(openFiles(), before);
  });
}

test.serial('129 descriptors are cut by the kernel, reported, and none stays open', (t) => {
  const [left, right] = sockets.socketPair();
  const before = openFiles();
  sockets.send(left, bytes('x'), 0, Array<number>(129).fill(left));
  const got: number[] = [];
  t.is(sockets.receive(right, new Uint8Array(8), got), 'truncated');
  t.deepEqual(got, []);
  t.is(openFiles(), before);
  for (const fd of [left, right]) files.close(fd);
});

test.serial('a full socket takes neither bytes nor descriptors', (t) => {
  const [left, right] = sockets.socketPair();
  const before = openFiles();
  const chunk = new Uint8Array(1 << 16);
  let sent = 0;
  for (let took = sockets.send(left, chunk); took !== undefined; took = sockets.send(left, chunk))
    sent += took;
  t.is(sockets.send(left, chunk, 0, [left]), undefined);
  const got: number[] = [];
  for (
    let n = sockets.receive(right, chunk, got);
    typeof n === 'number';
    n = sockets.receive(right, chunk, got)
  ) {
    sent -= n;
  }
  t.is(sent, 0);
  t.deepEqual(got, []);
  sockets.shutdown(left, 'write');
  t.is(sockets.receive(right, chunk, got), 'end');
  files.close(right);
  t.is(
    code(() => sockets.send(left, chunk)),
    'sendmsg EPIPE',
  );
  files.close(left);
  t.is(openFiles(), before - 2);
});

test.serial('descriptors need a byte to ride on, and bad ones are refused', (t) => {
  const [left, right] = sockets.socketPair();
  t.is(
    code(() => sockets.send(left, new Uint8Array(0), 0, [left])),
    'sendmsg EINVAL',
  );
  t.is(
    code(() => sockets.send(left, bytes('x'), 0, [999_999])),
    'sendmsg EBADF',
  );
  t.is(
    code(() => sockets.send(left, bytes('x'), 0, [1.5])),
    'TypeError: a 32-bit integer is wanted',
  );
  t.is(
    code(() => sockets.send(left, bytes('x'), 2)),
    'sendmsg EINVAL',
  );
  for (const fd of [left, right]) files.close(fd);
});
