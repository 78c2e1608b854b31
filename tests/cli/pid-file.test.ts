import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { writePidFile } from '../../cli/containers/pid-file.ts';

test('a pid file is replaced; what is no file is written to and stays; what cannot be is named', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'rs-pid-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'pid');
  for (const pid of [123, 4]) {
    writePidFile(file, pid);
    t.is(readFileSync(file, 'utf8'), String(pid));
  }
  const pipe = join(directory, 'pipe');
  t.is(spawnSync('mkfifo', [pipe]).status, 0);
  const fd = openSync(pipe, constants.O_RDWR);
  t.teardown(() => closeSync(fd));
  writePidFile(pipe, 56);
  const got = Buffer.alloc(8);
  t.is(got.toString('utf8', 0, readSync(fd, got)), '56');
  t.throws(() => writePidFile(join(directory, 'nowhere/pid'), 1), { message: /--pid-file .*nowhere\/pid: / });
});
