/** Saving and filling layers: memory, aborts, failures, and archives and trees that mean harm. */
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import test from 'ava';
import { isError } from '../../../../errors/index.ts';
import { loadUpper, makeLayer, removeLayer, saveUpper } from '../../../../platforms/linux/overlay/index.ts';
import { mib, place, sh } from '../support/layers.ts';
import { children } from '../support/remains.ts';
import { soon, until, whyNot } from '../support/sandbox.ts';

const why = whyNot();
if (why !== undefined) console.log(`skipped, because nothing can be mounted here: ${why}`);
const real = why === undefined ? test.serial : test.serial.skip;

real('much is saved and loaded in little memory, and the reader sets the pace', async (t) => {
  const { upper, fresh } = place(t);
  writeFileSync(join(fresh('first'), 'big'), Buffer.alloc(128 * mib, 'x'));
  const base = process.memoryUsage.rss();
  let most = 0;
  async function* watched(): AsyncGenerator<Uint8Array> {
    for await (const chunk of saveUpper(upper('first'), soon(60_000))) {
      most = Math.max(most, process.memoryUsage.rss() - base);
      yield chunk;
    }
  }
  await loadUpper(watched(), fresh('second'), soon(60_000));
  t.is(statSync(join(upper('second'), 'big')).size, 128 * mib);
  t.true(most < 64 * mib, `${Math.round(most / mib)} MiB more`);
});

real('a reader that stops early leaves no process', async (t) => {
  const { fresh } = place(t);
  const upper = fresh('first');
  writeFileSync(join(upper, 'big'), Buffer.alloc(8 * mib, 'x'));
  const before = children();
  for await (const chunk of saveUpper(upper, soon())) {
    t.true(chunk.length > 0);
    break;
  }
  t.deepEqual(children(), before);
});

real('an abort ends both, with its reason, and leaves no process', async (t) => {
  const { fresh } = place(t);
  const upper = fresh('first');
  writeFileSync(join(upper, 'big'), Buffer.alloc(8 * mib, 'x'));
  const before = children();
  const reason = new Error('enough');
  const stop = new AbortController();
  const saving = (async () => {
    for await (const chunk of saveUpper(upper, stop.signal)) if (chunk.length > 0) stop.abort(reason);
  })();
  t.is(await t.throwsAsync(saving), reason);

  const other = new AbortController();
  async function* stuck(): AsyncGenerator<Uint8Array> {
    yield Buffer.alloc(10);
    await new Promise(() => undefined);
  }
  const loading = loadUpper(stuck(), fresh('second'), other.signal);
  await until(() => children().length > before.length, 'no tar');
  await after(20);
  other.abort(reason);
  t.is(await t.throwsAsync(loading), reason);
  t.deepEqual(children(), before);
  const early = AbortSignal.abort(reason);
  t.is(await t.throwsAsync(loadUpper(saveUpper(upper, early), fresh('third'), early)), reason);
});

real('what goes wrong is told in the words of tar; what the source throws is thrown', async (t) => {
  const { fresh, directory } = place(t);
  const before = children();
  const missing = join(directory, 'none');
  const drain = async (): Promise<void> => {
    for await (const chunk of saveUpper(missing, soon())) t.is(chunk.length, -1);
  };
  const saved = await t.throwsAsync(drain());
  t.true(isError(saved, 'FILES_FAILED'));
  t.regex(saved.message, /cannot save the files in ".*none": .*No such file or directory/);

  async function* garbage(): AsyncGenerator<Uint8Array> {
    for (let left = 100; left > 0; left--) yield await Promise.resolve(Buffer.alloc(65536, 'garbage'));
  }
  const loaded = await t.throwsAsync(loadUpper(garbage(), fresh('first'), soon()));
  t.true(isError(loaded, 'FILES_FAILED'), loaded.message);
  t.regex(loaded.message, /cannot load the files in ".*upper": .*not look like a tar archive/);

  const full = makeLayer(join(directory, 'bundles', 'small'), { kind: 'memory', size: mib }).upper;
  const big = fresh('second');
  writeFileSync(join(big, 'big'), Buffer.alloc(4 * mib, 'x'));
  const noSpace = await t.throwsAsync(loadUpper(saveUpper(big, soon()), full, soon()));
  t.regex(noSpace.message, /o space left/);

  const broken = new Error('the file is damaged');
  async function* fails(): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(Buffer.alloc(10));
    throw broken;
  }
  t.is(await t.throwsAsync(loadUpper(fails(), fresh('third'), soon())), broken);
  t.deepEqual(children(), before);
});

real('no member of an archive gets out of the directory', async (t) => {
  const { fresh, directory } = place(t);
  const source = fresh('first');
  writeFileSync(join(source, 'file'), 'x');
  const { stdout } = spawnSync('tar', [
    '-C',
    source,
    '-P',
    '--transform=s,file,../../../escaped,',
    '-cf',
    '-',
    'file',
  ]);
  t.true(stdout.includes('../../../escaped'));
  async function* evil(): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(stdout);
  }
  await t.throwsAsync(loadUpper(evil(), fresh('second'), soon()));
  t.deepEqual(readdirSync(directory).sort(), ['layers', 'ro:ot']);
});

real('a layer with names of any bytes, deeper than any path is long, is removed', async (t) => {
  const { fresh, directory } = place(t);
  const upper = fresh('first');
  sh(
    upper,
    `mkdir "$(printf '\\377')"; i=0; while [ $i -lt 60 ]; do mkdir ${'d'.repeat(200)}; cd -P ${'d'.repeat(200)}; i=$((i + 1)); done`,
  );
  t.deepEqual(await removeLayer(join(directory, 'bundles', 'first')), []);
  t.deepEqual(readdirSync(join(directory, 'layers')), []);
  t.deepEqual(await removeLayer(join(directory, 'bundles', 'first')), []);
});
