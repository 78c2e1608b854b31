import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { files, isSystemError, terminal } from '../../native/index.ts';

test('pipes carry bytes, say when they are empty, full and ended', (t) => {
  const { read, write } = files.pipe({ nonBlocking: true });
  const into = new Uint8Array(8);
  t.is(files.read(read, into), undefined);
  t.is(files.write(write, Buffer.from('abcd'), 1), 3);
  t.is(files.read(read, into), 3);
  t.is(Buffer.from(into.subarray(0, 3)).toString(), 'bcd');
  const chunk = new Uint8Array(65536);
  while (files.write(write, chunk) !== undefined);
  t.is(files.fileKind(read), 'fifo');
  t.is(files.accessMode(read), 'read');
  t.is(files.accessMode(write), 'write');
  const copy = files.duplicate(write);
  files.close(write);
  while (typeof files.read(read, chunk) === 'number');
  t.is(files.read(read, into), undefined, 'the duplicate still holds it open');
  files.close(copy);
  t.is(files.read(read, into), 'end');
  files.close(read);
  const error = t.throws(() => files.close(read));
  t.true(isSystemError(error, 'EBADF'));
});

test('tells kinds and access apart', (t) => {
  const kindOf = (path: string, flags: string): string => {
    const fd = openSync(path, flags);
    const found = `${files.fileKind(fd)} ${files.accessMode(fd)}`;
    closeSync(fd);
    return found;
  };
  t.is(kindOf('/', 'r'), 'directory read');
  t.is(kindOf('/dev/null', 'r+'), 'character both');
  t.is(kindOf('/proc/self/status', 'r'), 'file read');
  const event = files.eventFd(3, { nonBlocking: true });
  t.is(files.fileKind(event), 'other');
  const count = new Uint8Array(8);
  t.is(files.read(event, count), 8);
  t.is(Buffer.from(count).readBigUInt64LE(), 3n);
  t.is(files.read(event, count), undefined);
  files.close(event);
});

test('a lock excludes other open files of the same name, and is given back', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'rs-'));
  const one = openSync(join(folder, 'lock'), 'w');
  const two = openSync(join(folder, 'lock'), 'w');
  t.true(files.tryLock(one, 'exclusive'));
  t.false(files.tryLock(two, 'shared'));
  t.true(files.tryLock(one, 'none'));
  t.true(files.tryLock(two, 'exclusive'));
  closeSync(two);
  t.true(files.tryLock(one, 'shared'));
  closeSync(one);
  rmSync(folder, { recursive: true });
});

test('descriptors made here do not leak into programs', (t) => {
  const { read, write } = files.pipe();
  const tty = terminal.openTerminal();
  const isCloseOnExec = (fd: number): boolean => {
    const flags = /^flags:\s+(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1] ?? '0';
    return (parseInt(flags, 8) & 0o2000000) !== 0;
  };
  for (const fd of [read, write, tty.master, tty.slave, files.eventFd(), files.duplicate(read)]) {
    t.true(isCloseOnExec(fd));
    files.close(fd);
  }
});

test('a terminal has a size, a path, and settings that come back', (t) => {
  const tty = terminal.openTerminal({ rows: 30, columns: 100 });
  t.regex(tty.path, /^\/dev\/pts\/\d+$/);
  t.true(terminal.isTerminal(tty.slave));
  t.deepEqual(terminal.getWindowSize(tty.master), { rows: 30, columns: 100 });
  terminal.setWindowSize(tty.master, { rows: 40, columns: 90 });
  t.deepEqual(terminal.getWindowSize(tty.slave), { rows: 40, columns: 90 });
  const into = new Uint8Array(16);
  const echoed = (): string => {
    files.setNonBlocking(tty.slave, true);
    files.setNonBlocking(tty.master, true);
    files.write(tty.slave, Buffer.from('a\n'));
    const got = files.read(tty.master, into);
    return Buffer.from(into.subarray(0, typeof got === 'number' ? got : 0)).toString();
  };
  t.is(echoed(), 'a\r\n');
  const saved = terminal.makeRaw(tty.slave);
  t.is(echoed(), 'a\n');
  terminal.restoreTerminal(tty.slave, saved);
  t.is(echoed(), 'a\r\n');
  files.close(tty.slave);
  files.close(tty.master);
  const { read, write } = files.pipe();
  t.false(terminal.isTerminal(read));
  t.true(
    isSystemError(
      t.throws(() => terminal.getWindowSize(read)),
      'ENOTTY',
    ),
  );
  files.close(read);
  files.close(write);
});
