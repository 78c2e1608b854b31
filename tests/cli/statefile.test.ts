/** `statefile inspect`: needs no container, only a file. */
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { StatefileWriter } from '../../statefile/index.ts';
import { once } from '../statefile/support.ts';
import { makeCli } from './support.ts';

async function make(file: string, key: Uint8Array | undefined): Promise<void> {
  const fd = openSync(file, 'w');
  await using writer = await StatefileWriter.open(
    fd,
    {
      metadata: { purpose: 'a test\u001b[31m' },
      manifest: {
        sandbox: 's1',
        containers: [
          { cid: 's1', state: 'stopped', pausedAlone: false, status: { kind: 'exited', code: 0 } },
        ],
      },
      platform: 'linux',
      runtime: { name: 'runc', version: '1.1.5' },
      version: '0.1.0',
    },
    { compression: 'gzip', ...(key === undefined ? {} : { key }) },
  );
  await writer.addEntry('s1/pages-1.img', once(Buffer.alloc(2_000_000, 'page')));
  await writer.finish();
  closeSync(fd);
}

test('shows what is in a file, for people and as JSON', async (t) => {
  const cli = makeCli(t);
  const file = join(cli.directory, 'plain');
  await make(file, undefined);
  const text = await cli.ok('statefile', 'inspect', file);
  t.regex(text, /^sandbox: +s1$/m);
  t.regex(text, /^by: +runstate 0\.1\.0, platform linux with runc 1\.1\.5 on /m);
  t.regex(text, /^content: +2\.00 MB in 1 files, compression gzip$/m);
  t.regex(text, /^digest: +SHA-256, right$/m);
  t.regex(text, /^metadata purpose: +a test\\x1b\[31m$/m);
  t.regex(text, /^s1 +stopped +2\.00 MB$/m);
  t.regex(text, /^s1\/pages-1\.img +2000000 +\d{4,5}$/m);
  t.like(JSON.parse(await cli.ok('statefile', 'inspect', '--json', file)), {
    manifest: { sandbox: 's1' },
    compression: 'gzip',
    verified: true,
    entries: [{ name: 's1/pages-1.img', bytes: 2_000_000 }],
    bytes: readFileSync(file).length,
  });
});

test('one with a key can be looked at without, and says that nobody knows then', async (t) => {
  const cli = makeCli(t);
  const file = join(cli.directory, 'keyed');
  const keyFile = join(cli.directory, 'key');
  writeFileSync(keyFile, 'a secret');
  await make(file, Buffer.from('a secret'));
  t.regex(await cli.ok('statefile', 'inspect', file), /^digest: +HMAC-SHA-256, not checked: give its key/m);
  const inspect = ['statefile', 'inspect', '--key-file', keyFile, file];
  t.regex(await cli.ok(...inspect), /^digest: +HMAC-SHA-256, right$/m);
  writeFileSync(keyFile, 'another');
  const other = await cli.run(inspect);
  t.is(other.code, 1);
  t.is(other.stderr, "runstate: the statefile's key: it was saved with another\n");
});

test('what is damaged, cut off or none is refused', async (t) => {
  const cli = makeCli(t);
  const file = join(cli.directory, 'file');
  await make(file, undefined);
  const good = readFileSync(file);
  const bad = Buffer.from(good);
  bad.writeUInt8(255 ^ bad.readUInt8(bad.length - 1), bad.length - 1);
  for (const [content, words] of [
    [bad, /^runstate: the statefile is damaged: the whole: its hash is not the one at its end\n$/],
    [good.subarray(0, 500), /^runstate: the statefile is cut off after 500 bytes, in /],
    [Buffer.from('{}'), /^runstate: the file is no statefile of runstate\n$/],
    [Buffer.alloc(0), /^runstate: file cannot be empty\n$/],
  ] as const) {
    writeFileSync(file, content);
    const { code, stderr, stdout } = await cli.run(['statefile', 'inspect', file]);
    t.is(code, 1);
    t.is(stdout, '');
    t.regex(stderr, words);
  }
});
