import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { gzipSync } from 'node:zlib';
import {
  StatefileReader,
  StatefileWriter,
  inspectStatefile,
  readStatefileHeader,
  stageStatefile,
} from '../../statefile/index.ts';
import {
  bytes,
  directoryOf,
  fields,
  key,
  makeStatefile,
  once,
  openFiles,
  refusal,
  small,
  stageFile,
  writeTo,
} from './support.ts';

const MiB = 1 << 20;

for (const compression of ['none', 'gzip'] as const)
  test.serial(`entries of all sizes come back, ${compression}`, async (t) => {
    const directory = directoryOf(t);
    const sizes = [0, 1, 65_535, MiB - 1, MiB, MiB + 1, 5 * MiB + 12_345];
    // Half of it shrinks, half does not: chunks of both kinds follow each other.
    const contents = sizes.map((size) =>
      Buffer.concat([Buffer.alloc(size >> 1, 'same'), randomBytes(size - (size >> 1))]),
    );
    const entries = contents.map((data, index) => [`folder/${index}/data`, data] as const);
    const before = openFiles();
    const file = join(directory, 'made');
    const source = join(directory, 'source');
    const fd = openSync(file, 'w');
    const progress: number[] = [];
    const writer = await StatefileWriter.open(fd, fields, {
      ...{ key, compression, total: 1 },
      onProgress: ({ bytes: done }) => progress.push(done),
    });
    // Alternately by the file and by the iterable, and all at once: they wait for each other.
    const added = entries.map(([name, data], index) => {
      if (index % 2 === 0) return writer.addEntry(name, once(data));
      writeFileSync(`${source}${index}`, data);
      return writer.addFile(name, `${source}${index}`);
    });
    t.deepEqual(
      await Promise.all(added),
      sizes.map((size) => ({ size })),
    );
    const written = await writer.finish();
    closeSync(fd);
    t.is(written.bytes, statSync(file).size);
    t.is(
      progress.at(-1),
      sizes.reduce((sum, size) => sum + size),
    );
    const staged = await stageFile(file, join(directory, 'to'), { key });
    t.deepEqual(openFiles(), before);
    t.is(staged.digest, written.digest);
    t.is(staged.bytes, written.bytes);
    t.deepEqual(
      staged.entries.map(({ name, size }) => [name, size]),
      entries.map(([name, data]) => [name, data.length]),
    );
    for (const [index, { path }] of staged.entries.entries())
      t.true(contents[index]?.equals(readFileSync(path)), path);
    t.is(statSync(staged.entries[0]?.path ?? '').mode & 0o777, 0o600);
  });

test.serial('the header comes back, 64-bit integers too', async (t) => {
  const directory = directoryOf(t);
  const file = join(directory, 'made');
  const content = await makeStatefile(directory, small, { compression: 'gzip' });
  const { header } = await stageFile(file, join(directory, 'to'));
  t.like(header, {
    ...{ ...fields, architecture: process.arch, compression: 'gzip', isKeyed: false, keyCheck: '' },
  });
  t.true(Math.abs(Date.parse(header.created) - Date.now()) < 60_000);
  // Every header differs by its time only.
  t.true(content.includes('18446744073709551615'));
});

test.serial('what has no JSON form, or is too large, is refused before anything is written', async (t) => {
  const directory = directoryOf(t);
  const file = join(directory, 'none');
  const fd = openSync(file, 'w');
  const circular: Record<string, unknown> = {};
  circular['self'] = circular;
  for (const manifest of [circular, 'x'.repeat(33 * MiB)])
    t.is((await refusal(StatefileWriter.open(fd, { ...fields, manifest }))).code, 'STATEFILE_CONTENT');
  closeSync(fd);
  t.is(statSync(file).size, 0);
});

test.serial('inspect tells what is in it, and whether it could be verified', async (t) => {
  const directory = directoryOf(t);
  const file = join(directory, 'made');
  const zeros = Buffer.alloc(3 * MiB);
  const { length } = await makeStatefile(directory, { ...small, zeros }, { key, compression: 'gzip' });
  const fd = openSync(file, 'r');
  const blind = await inspectStatefile(fd);
  t.false(blind.isVerified);
  const seen = await inspectStatefile(fd, { key });
  t.true(seen.isVerified);
  t.is(seen.bytes, length);
  t.deepEqual(seen.entries, blind.entries);
  t.deepEqual(
    seen.entries.map(({ name, bytes: size }) => [name, size]),
    [...Object.entries(small), ['zeros', zeros] as const].map(([name, data]) => [
      name,
      data instanceof Uint8Array ? data.length : -1,
    ]),
  );
  t.is(seen.entries.at(-1)?.stored, 3 * gzipSync(Buffer.alloc(MiB), { level: 1 }).length);
  t.is((await refusal(inspectStatefile(fd, { key: Buffer.from('other') }))).code, 'STATEFILE_KEY');
  t.is((await readStatefileHeader(fd))?.platform, 'linux');
  closeSync(fd);
});

test.serial('entries can be read as iterables, and left out', async (t) => {
  const directory = directoryOf(t);
  await makeStatefile(directory, { a: Buffer.from('aa'), b: bytes(3 * MiB), c: Buffer.from('cc') });
  const fd = openSync(join(directory, 'made'), 'r');
  await using reader = await StatefileReader.open(fd);
  const found: string[] = [];
  for await (const { name, data } of reader.entries()) {
    if (name === 'b') continue;
    const parts: Buffer[] = [];
    for await (const piece of data) parts.push(Buffer.from(piece));
    found.push(`${name}:${Buffer.concat(parts).toString()}`);
  }
  t.deepEqual(found, ['a:aa', 'c:cc']);
  t.like(await reader.finish(), { entries: 3, isVerified: true });
  closeSync(fd);
});

test.serial(
  'a longer content that was there before is cut off, what stood before the position stays',
  async (t) => {
    const directory = directoryOf(t);
    const file = join(directory, 'reused');
    writeFileSync(file, Buffer.alloc(MiB, 1));
    const fd = openSync(file, 'r+');
    const { bytes: size } = await writeTo(fd, small, { key });
    t.is(statSync(file).size, size);
    // The same descriptor can be given for reading, wherever it stands, to several at once.
    const staged = await Promise.all(
      ['1', '2'].map((name) => {
        mkdirSync(join(directory, name));
        return stageStatefile(fd, join(directory, name), { key });
      }),
    );
    t.deepEqual(
      staged.map(({ entries }) => entries.length),
      [3, 3],
    );
    closeSync(fd);
    const second = openSync(file, 'w');
    writeSync(second, 'before');
    await writeTo(second, small);
    closeSync(second);
    t.is(readFileSync(file).subarray(0, 6).toString(), 'before');
  },
);

test.serial('after a failure everything is refused with it, and nothing is left open', async (t) => {
  const directory = directoryOf(t);
  const fd = openSync(join(directory, 'made'), 'w');
  const before = openFiles();
  await using writer = await StatefileWriter.open(fd, fields);
  const broken = new Error('the source broke');
  const failing = async function* (): AsyncGenerator<Uint8Array> {
    yield Buffer.alloc(10);
    await Promise.reject(broken);
  };
  t.is(await t.throwsAsync(writer.addEntry('a', failing())), broken);
  t.is(await t.throwsAsync(writer.addFile('b', '/etc/passwd')), broken);
  t.is(await t.throwsAsync(writer.finish()), broken);
  t.deepEqual(openFiles(), before);
  await using other = await StatefileWriter.open(fd, fields);
  t.is((await refusal(other.addFile('a', join(directory, 'nothing')))).code, 'SYSTEM');
  t.deepEqual(openFiles(), before);
  closeSync(fd);
});

test.serial('one that was finished or disposed of takes nothing more', async (t) => {
  const directory = directoryOf(t);
  const fd = openSync(join(directory, 'made'), 'w');
  const before = openFiles();
  const finished = await StatefileWriter.open(fd, fields);
  await finished.finish();
  t.regex((await refusal(finished.addFile('a', '/etc/passwd'))).message, /it is finished/);
  const disposed = await StatefileWriter.open(fd, fields);
  // An iterable that never gives anything does not keep it open.
  let isReturned = false;
  const stuck: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise<never>(() => undefined),
      return: () => {
        isReturned = true;
        return Promise.resolve({ done: true, value: undefined });
      },
    }),
  };
  const adding = refusal(disposed.addEntry('a', stuck));
  await new Promise((resolve) => setTimeout(resolve, 20));
  await disposed[Symbol.asyncDispose]();
  await disposed[Symbol.asyncDispose]();
  t.regex((await adding).message, /its writer is closed/);
  t.true(isReturned);
  t.deepEqual(
    openFiles(),
    before.filter((one) => !one.startsWith('none')),
  );
  closeSync(fd);
});
