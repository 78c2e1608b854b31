import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import { extractTar, type ExtractOptions } from '../../oci/index.ts';
import { isError } from '../../errors/index.ts';
import { archive, streamOf } from './support/archive.ts';

const isRoot = process.getuid?.() === 0;

function scratch(t: ExecutionContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'runstate-tar-'));
  t.teardown(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  return directory;
}

/** Extracts bytes that must be refused, and checks that nothing is left. */
async function refused(t: ExecutionContext, bytes: Buffer, message: RegExp, options: ExtractOptions = {}) {
  const top = scratch(t);
  const error = await t.throwsAsync(extractTar(streamOf(bytes), join(top, 'out'), options));
  t.true(isError(error, 'ARCHIVE'), error.message);
  t.regex(error.message, message);
  t.deepEqual(readdirSync(top), []);
}

test('what tar(1) packs comes out the same: plain and by gzip', async (t) => {
  const top = scratch(t);
  const tree = join(top, 'tree');
  mkdirSync(join(tree, 'a/very/deep', 'x'.repeat(120)), { recursive: true });
  writeFileSync(join(tree, 'a/very/deep', 'x'.repeat(120), 'y'.repeat(120)), 'long name');
  writeFileSync(join(tree, 'big'), Buffer.alloc(3_000_001, 'z'));
  writeFileSync(join(tree, 'empty'), '');
  writeFileSync(join(tree, 'set'), '', { mode: 0o755 });
  mkdirSync(join(tree, 'closed'));
  writeFileSync(join(tree, 'closed/file'), '');
  symlinkSync('/etc/passwd', join(tree, 'absolute'));
  symlinkSync('../../..', join(tree, 'up'));
  execFileSync('chmod', ['4755', join(tree, 'set')]);
  execFileSync('chmod', ['0555', join(tree, 'closed')]);
  execFileSync('ln', [join(tree, 'big'), join(tree, 'hard')]);
  execFileSync('touch', ['-h', '-d', '2001-02-03T04:05:06Z', join(tree, 'up'), join(tree, 'closed')]);
  if (isRoot) execFileSync('chown', ['-h', '12:34', join(tree, 'up'), join(tree, 'set')]);

  // One line for each entry: kind and mode, owner, size, time, name and target; directories' sizes differ.
  const listing = (directory: string) =>
    execFileSync(
      'find',
      ['.', '-type', 'd', '-printf', '%M %U %G - %T@ %p\n', '-o', '-printf', '%M %U %G %s %Ts %n %p %l\n'],
      {
        cwd: directory,
        encoding: 'utf8',
      },
    )
      .split('\n')
      // tar keeps whole seconds.
      .map((line) => line.replace(/(\d+)\.\d+ /, '$1 '))
      .sort();
  for (const [format, flags] of [
    ['gnu', ''],
    ['pax', ''],
    ['pax', 'z'],
  ] as const) {
    const file = join(top, `${format}${flags}.tar`);
    execFileSync('tar', [`-c${flags}f`, file, `--format=${format}`, '-C', tree, '.']);
    const out = join(top, `out-${format}${flags}`);
    const { entries, skipped } = await extractTar(file, out);
    t.is(entries, 14);
    t.deepEqual(skipped, []);
    t.deepEqual(listing(out), listing(tree));
    execFileSync('diff', ['--no-dereference', '-r', tree, out]);
  }
});

test('paths that lead out are refused, and nothing stays', async (t) => {
  await refused(t, archive({ path: '/etc/x' }), /"\/etc\/x": its path is absolute/);
  await refused(t, archive({ path: 'a' }, { path: 'b/../../x' }), /leads out of the archive/);
  await refused(t, archive({ path: '..', type: 'Directory' }), /leads out of the archive/);
  await refused(t, archive({ path: 'h', type: 'Link', linkpath: '../../etc/passwd' }), /leads out/);
  await refused(t, archive({ path: 'h', type: 'Link', linkpath: '/etc/passwd' }), /absolute/);
});

test('nothing is written or linked through a link', async (t) => {
  const outside = scratch(t);
  writeFileSync(join(outside, 'secret'), 'old');
  const way = { path: 'd', type: 'SymbolicLink', linkpath: outside } as const;
  const through = /leads through "d", which is a link or a file/;
  await refused(t, archive(way, { path: 'd/secret', content: 'new' }), through);
  await refused(t, archive(way, { path: 'd/sub', type: 'Directory' }), through);
  await refused(t, archive(way, { path: 'd/l', type: 'SymbolicLink', linkpath: 'x' }), through);
  await refused(t, archive(way, { path: 'h', type: 'Link', linkpath: 'd/secret' }), through);
  await refused(t, archive(way, { path: 'd', type: 'Directory', mode: 0o777 }), through);
  t.is(readFileSync(join(outside, 'secret'), 'utf8'), 'old');
  t.deepEqual(readdirSync(outside), ['secret']);
});

test('a later entry replaces a link or a file, not what the link points to', async (t) => {
  const outside = scratch(t);
  writeFileSync(join(outside, 'secret'), 'old');
  const out = join(scratch(t), 'out');
  await extractTar(
    streamOf(
      archive(
        { path: 'f', type: 'SymbolicLink', linkpath: join(outside, 'secret') },
        { path: 'f', content: 'new' },
        { path: 'g', content: 'one' },
        { path: 'h', type: 'Link', linkpath: 'g' },
        { path: 'h', content: 'two' },
        { path: './', type: 'Directory', mode: 0o750 },
      ),
    ),
    out,
  );
  t.is(readFileSync(join(outside, 'secret'), 'utf8'), 'old');
  t.false(lstatSync(join(out, 'f')).isSymbolicLink());
  t.is(readFileSync(join(out, 'g'), 'utf8'), 'one', 'writing to a hard link leaves the other name alone');
  t.is(statSync(out).mode & 0o777, 0o750);
});

test('a hard link to a link names the link itself', async (t) => {
  const out = join(scratch(t), 'out');
  const link = { path: 's', type: 'SymbolicLink', linkpath: '/etc/passwd' } as const;
  await extractTar(streamOf(archive(link, { path: 'h', type: 'Link', linkpath: 's' })), out);
  t.is(readlinkSync(join(out, 'h')), '/etc/passwd');
});

test('what cannot be is refused by name', async (t) => {
  await refused(
    t,
    archive({ path: 'a', type: 'Directory' }, { path: 'a' }),
    /"a": it is in the place of a directory/,
  );
  await refused(t, archive({ path: 'a' }, { path: 'a/b' }), /"a\/b": the way to it leads through "a"/);
  await refused(t, archive({ path: 'h', type: 'Link', linkpath: 'none' }), /"h": ENOENT/);
  await refused(t, archive({ path: 'h', type: 'Link', linkpath: 'h' }), /hard link to itself/);
  await refused(t, archive({ path: '.', type: 'File', content: 'x' }), /in the place of the root directory/);
  await refused(t, archive({ path: 'p', type: 'FIFO' }), /"p": it is a device or a pipe/, {
    devices: 'refuse',
  });
});

test('devices and pipes are left out and named', async (t) => {
  const out = join(scratch(t), 'out');
  const bytes = archive(
    { path: 'dev/null', type: 'CharacterDevice' },
    { path: 'dev/sda', type: 'BlockDevice' },
    { path: 'p', type: 'FIFO' },
    { path: 'f', content: 'x' },
  );
  t.deepEqual(await extractTar(streamOf(bytes), out), { entries: 4, skipped: ['dev/null', 'dev/sda', 'p'] });
  t.deepEqual(readdirSync(out), ['f']);
});

test('limits stop a bomb while it unpacks', async (t) => {
  const bomb = gzipSync(archive({ path: 'zeros', content: '\0'.repeat(50_000_000) }));
  t.true(bomb.length < 60_000);
  await refused(t, bomb, /more than 1000000 bytes/, { maxBytes: 1_000_000 });
  // Zeros after the end of the archive, which would be unpacked and thrown away.
  await refused(t, gzipSync(Buffer.concat([archive({ path: 'a' }), Buffer.alloc(50_000_000)])), /more than/, {
    maxBytes: 1_000_000,
  });
  const many = archive(...Array.from({ length: 20 }, (_, n) => ({ path: `f${n}` })));
  await refused(t, many, /more than 10 entries/, { maxEntries: 10 });
});

test('what is no whole archive is refused', async (t) => {
  const good = archive({ path: 'a', content: 'x'.repeat(5000) }, { path: 'b', content: 'y'.repeat(5000) });
  await refused(t, Buffer.alloc(0), /archive/);
  await refused(t, Buffer.from('not an archive at all'), /archive/);
  await refused(t, Buffer.alloc(2048, 'x'), /archive/);
  await refused(t, good.subarray(0, 3000), /Truncated/);
  await refused(t, good.subarray(0, 8000), /Truncated/);
  const flipped = Buffer.from(good);
  flipped[100] = 0x39;
  await refused(t, flipped, /checksum/i);
  const zipped = gzipSync(good, { level: 0 });
  await refused(t, zipped.subarray(0, 6000), /unexpected end/);
  const broken = Buffer.from(zipped);
  broken[broken.length - 6] = (broken[broken.length - 6] ?? 0) ^ 0xff;
  await refused(t, broken, /incorrect data check/);
  await refused(t, Buffer.from('fd377a585a0000', 'hex'), /compressed by xz/);
});

test('a directory that is not empty is left alone; one that is empty stays', async (t) => {
  const top = scratch(t);
  writeFileSync(join(top, 'mine'), '');
  await t.throwsAsync(extractTar(streamOf(archive({ path: 'a' })), top), { message: /is not empty/ });
  t.deepEqual(readdirSync(top), ['mine']);
  const empty = scratch(t);
  await t.throwsAsync(extractTar(streamOf(archive({ path: 'a' }, { path: '/b' })), empty));
  t.deepEqual(readdirSync(empty), []);
  await t.throwsAsync(extractTar(join(top, 'none.tar'), join(top, 'out')), { message: /none\.tar": ENOENT/ });
  const pipe = join(top, 'pipe');
  execFileSync('mkfifo', [pipe]);
  await t.throwsAsync(extractTar(pipe, join(top, 'out')), { message: /pipe": it is not a regular file/ });
  t.false(existsSync(join(top, 'out')));
});

// Alone, because it counts descriptors.
test.serial(
  'an aborted extraction ends at once, also when its source is silent, and leaves nothing',
  async (t) => {
    const open = () => readdirSync('/proc/self/fd').length;
    const before = open();
    const top = scratch(t);
    const start = archive({ path: 'a', content: 'x'.repeat(5000) }).subarray(0, 2000);
    for (const head of [Buffer.alloc(0), start]) {
      const controller = new AbortController();
      const silent = async function* () {
        yield head;
        await new Promise(() => undefined);
      };
      const done = extractTar(silent(), join(top, 'out'), { signal: controller.signal });
      setTimeout(() => controller.abort(), 50);
      t.true(isError(await t.throwsAsync(done), 'CANCELLED'));
      t.deepEqual(readdirSync(top), []);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
    t.is(open(), before);
  },
);
