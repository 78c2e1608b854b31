/** Whatever was changed, cut off or added: refused, saying which, and nothing is staged. */
import { closeSync, openSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { StatefileWriter, inspectStatefile, stageStatefile } from '../../statefile/index.ts';
import { entryFrame, preambleFrame } from '../../statefile/format/format.ts';
import { makeHash } from '../../statefile/format/hash.ts';
import { completeHeader, headerFrame } from '../../statefile/format/header.ts';
import {
  directoryOf,
  fields,
  key,
  makeStatefile,
  once,
  openFiles,
  refusal,
  small,
  stageFile,
} from './support.ts';

for (const compression of ['none', 'gzip'] as const)
  test.serial(`every byte changed in turn, ${compression}`, async (t) => {
    const directory = directoryOf(t);
    const good = await makeStatefile(directory, small, { key, compression });
    const file = join(directory, 'changed');
    const to = join(directory, 'to');
    const codes = new Map<string, number>();
    const before = openFiles();
    for (let index = 0; index < good.length; index++) {
      const changed = Buffer.from(good);
      // One bit here, all of them there.
      changed[index] = (changed[index] ?? 0) ^ (index % 3 === 0 ? 0xff : 1 << (index % 8));
      writeFileSync(file, changed);
      const { code } = await refusal(stageFile(file, to, { key }));
      codes.set(code, (codes.get(code) ?? 0) + 1);
      t.deepEqual(readdirSync(to), [], `byte ${index}`);
    }
    t.deepEqual(openFiles(), before);
    t.log(JSON.stringify(Object.fromEntries(codes)), `${good.length} bytes`);
    t.is(codes.get('STATEFILE_NOT_ONE'), 8, 'the magic');
    t.is(codes.get('STATEFILE_VERSION'), 4);
    const rest = (codes.get('STATEFILE_DAMAGED') ?? 0) + (codes.get('STATEFILE_TRUNCATED') ?? 0);
    t.is(rest, good.length - 12);
    writeFileSync(file, good);
    await t.notThrowsAsync(stageFile(file, to, { key }));
  });

test.serial('every length that it can be cut off at', async (t) => {
  const directory = directoryOf(t);
  const good = await makeStatefile(directory, small, { compression: 'gzip' });
  const file = join(directory, 'cut');
  const to = join(directory, 'to');
  for (let length = 0; length < good.length; length++) {
    writeFileSync(file, good.subarray(0, length));
    const error = await refusal(stageFile(file, to));
    if (length === 0) t.is(error.message, 'file cannot be empty');
    else t.is(error.code, 'STATEFILE_TRUNCATED', `${length} bytes`);
    if (length > 0) t.regex(error.message, new RegExp(`cut off after ${length} bytes`));
    t.deepEqual(readdirSync(to), []);
  }
});

test.serial('bytes after the end', async (t) => {
  const directory = directoryOf(t);
  const file = join(directory, 'longer');
  const to = join(directory, 'to');
  const good = await makeStatefile(directory, small);
  for (const more of [Buffer.alloc(1), good]) {
    writeFileSync(file, Buffer.concat([good, more]));
    const error = await refusal(stageFile(file, to));
    t.is(error.message, 'the statefile is damaged: after its end: more bytes follow');
    t.deepEqual(readdirSync(to), []);
  }
});

test.serial('a key is wanted exactly where one was used, and the same', async (t) => {
  const directory = directoryOf(t);
  const keyed = join(directory, 'keyed');
  const plain = join(directory, 'plain');
  writeFileSync(keyed, await makeStatefile(directory, small, { key }));
  writeFileSync(plain, await makeStatefile(directory, small));
  const to = join(directory, 'to');
  const other = Buffer.from('A secret');
  for (const [file, options, words] of [
    [keyed, { key: other }, 'it was saved with another'],
    [keyed, {}, 'it was saved with one, and none was given'],
    [keyed, { key: new Uint8Array() }, 'it was saved with one, and none was given'],
    [plain, { key }, 'one was given, and it was saved without'],
  ] as const) {
    const error = await refusal(stageFile(file, to, options));
    t.is(error.code, 'STATEFILE_KEY');
    t.is(error.message, `the statefile's key: ${words}`);
    t.deepEqual(readdirSync(to), []);
  }
  await t.notThrowsAsync(stageFile(plain, to, { key: new Uint8Array() }));
});

test.serial('somebody without the key cannot make or change one', async (t) => {
  const directory = directoryOf(t);
  const file = join(directory, 'forged');
  const good = await makeStatefile(directory, small, { key });
  // The last entry's only byte is changed, and all hashed anew without the key.
  const forged = Buffer.from(good);
  const place = forged.length - 32 - 13 - 12 - 1;
  t.is(forged.toString('latin1', place, place + 1), 'x');
  forged.write('y', place);
  const hash = makeHash(undefined);
  hash.update(forged.subarray(0, -32));
  forged.set(hash.digest(), forged.length - 32);
  writeFileSync(file, forged);
  const error = await refusal(stageFile(file, join(directory, 'to'), { key }));
  t.is(error.code, 'STATEFILE_DAMAGED');
});

test.serial('another format version, architecture or platform', async (t) => {
  const directory = directoryOf(t);
  const file = join(directory, 'other');
  const to = join(directory, 'to');
  const good = await makeStatefile(directory, small);
  good.writeUInt32BE(2, 8);
  writeFileSync(file, good);
  t.is(
    (await refusal(stageFile(file, to))).message,
    'the statefile is of format version 2; this release reads version 1',
  );
  const fd = openSync(file, 'w+');
  const writer = await StatefileWriter.open(fd, { ...fields, architecture: 'm68k' });
  await writer.addEntry('a', once(Buffer.from('a')));
  await writer.finish();
  t.is(
    (await refusal(stageFile(file, to))).message,
    `the statefile was saved on m68k; this machine is ${process.arch}`,
  );
  t.is((await inspectStatefile(fd)).header.architecture, 'm68k');
  closeSync(fd);
  const expect = { architecture: 'm68k', platform: 'memory' };
  t.is((await refusal(stageFile(file, to, { expect }))).code, 'STATEFILE_PLATFORM');
  t.deepEqual(readdirSync(to), []);
});

test.serial('what is no statefile', async (t) => {
  const directory = directoryOf(t);
  const file = join(directory, 'none');
  for (const content of ['x', 'RUNSTATE', '{"json":true}', '\u0089RSTATE\r\n']) {
    writeFileSync(file, content, 'latin1');
    const error = await refusal(stageFile(file, join(directory, 'to')));
    t.is(error.message, 'the file is no statefile of runstate');
  }
});

/** What another program could write, whose hashes are right. */
function crafted(...parts: readonly Uint8Array[]): Buffer {
  const preamble = preambleFrame();
  const header = headerFrame(completeHeader(fields, 'none', undefined), preamble);
  const all = Buffer.concat([preamble, header, ...parts]);
  const hash = makeHash(undefined);
  hash.update(all);
  return Buffer.concat([all, hash.digest()]);
}

const noChunks = Buffer.alloc(12);

test.serial('names that lead out of the directory, that are there twice, or clash', async (t) => {
  const directory = directoryOf(t);
  const file = join(directory, 'crafted');
  const to = join(directory, 'to');
  const bad = [
    '../x',
    '/etc/x',
    'a/../../x',
    '',
    '.',
    '..',
    'a//b',
    'a/',
    './a',
    'a\0b',
    'x'.repeat(256),
    'a\nb',
  ];
  for (const name of bad) {
    writeFileSync(file, crafted(entryFrame('good'), noChunks, entryFrame(name), noChunks));
    const error = await refusal(stageFile(file, to));
    t.is(error.code, 'STATEFILE_DAMAGED', name);
    t.deepEqual(readdirSync(to), [], name);
    await t.throwsAsync(makeStatefile(directory, { [name]: new Uint8Array() }), {
      code: 'STATEFILE_CONTENT',
    });
  }
  for (const [first, second] of [
    ['a', 'a'],
    ['a', 'a/b'],
    ['a/b', 'a'],
    ['a/b/c', 'a/b'],
  ] as const) {
    writeFileSync(file, crafted(entryFrame(first), noChunks, entryFrame(second), noChunks));
    t.is((await refusal(stageFile(file, to))).code, 'STATEFILE_DAMAGED', `${first} ${second}`);
    t.deepEqual(readdirSync(to), []);
  }
});

test.serial('lengths beyond their bounds are refused before anything is made for them', async (t) => {
  const directory = directoryOf(t);
  const file = join(directory, 'crafted');
  const before = process.memoryUsage().rss;
  const word = (value: number): Uint8Array => {
    const made = Buffer.alloc(4);
    made.writeUInt32BE(value);
    return made;
  };
  for (const content of [
    Buffer.concat([preambleFrame(), word(0xffff_ffff)]),
    crafted(entryFrame('a'), word(0x7fff_ffff)),
    crafted(entryFrame('a'), word(0xffff_ffff)),
    crafted(entryFrame('a'), word(0x8000_0000)),
  ]) {
    writeFileSync(file, content);
    t.is((await refusal(stageFile(file, join(directory, 'to')))).code, 'STATEFILE_DAMAGED');
  }
  t.true(process.memoryUsage().rss - before < 256 << 20);
});

test.serial('a directory that is not empty is left alone', async (t) => {
  const directory = directoryOf(t);
  const file = join(directory, 'good');
  writeFileSync(file, await makeStatefile(directory, small));
  const fd = openSync(file, 'r');
  const error = await refusal(stageStatefile(fd, directory));
  closeSync(fd);
  t.regex(error.message, /is not empty/);
  t.true(readdirSync(directory).includes('good'));
});
