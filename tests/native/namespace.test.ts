import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { isSystemError, namespace } from '../../native/index.ts';

const mounted = (path: string): boolean => readFileSync('/proc/self/mountinfo', 'utf8').includes(` ${path} `);

if (process.getuid?.() !== 0) {
  test('namespaces and mounts need root', (t) => {
    t.log('not root: only the refusal is tested');
    const error = t.throws(() => namespace.bindMount('/', '/'));
    t.true(isSystemError(error, 'EPERM'));
  });
} else {
  test('a pinned network namespace has loopback up, and this process keeps its own', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'rs-'));
    const file = join(folder, 'net');
    const before = readlinkSync('/proc/self/ns/net');
    await Promise.all([
      namespace.makeNetworkNamespace(file),
      namespace.makeNetworkNamespace(join(folder, 'another')),
    ]);
    t.is(readlinkSync('/proc/self/ns/net'), before);
    t.not(`net:[${statSync(file).ino}]`, before);
    t.not(statSync(file).ino, statSync(join(folder, 'another')).ino);
    const flags = execFileSync(
      'nsenter',
      [
        `--net=${file}`,
        'sh',
        '-c',
        'ping -c1 -W1 127.0.0.1 >/dev/null 2>&1; grep -c . /proc/net/dev; cat /proc/net/fib_trie',
      ],
      { encoding: 'utf8' },
    );
    t.regex(flags, /127\.0\.0\.1/);
    for (const name of ['net', 'another']) namespace.unmount(join(folder, name));
    t.false(mounted(file));
    rmSync(folder, { recursive: true });
  });

  test('a failed one leaves nothing', async (t) => {
    const error = await t.throwsAsync(namespace.makeNetworkNamespace('/nonexistent/net'));
    t.true(isSystemError(error, 'ENOENT'), String(error));
    t.false(existsSync('/nonexistent/net'));
    await t.throwsAsync(async () => namespace.makeNetworkNamespace('/a\0b'));
  });

  test('bind mounts show the source, read-only where asked', (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'rs-'));
    const [source, target] = [join(folder, 'source'), join(folder, 'target')];
    mkdirSync(source);
    mkdirSync(target);
    writeFileSync(join(source, 'file'), 'x');
    namespace.bindMount(source, target, { readonly: true });
    t.is(readFileSync(join(target, 'file'), 'utf8'), 'x');
    t.throws(() => writeFileSync(join(target, 'file'), 'y'), { code: 'EROFS' });
    namespace.unmount(target);
    t.true(
      isSystemError(
        t.throws(() => namespace.unmount(target)),
        'EINVAL',
      ),
    );
    rmSync(folder, { recursive: true });
  });
}
