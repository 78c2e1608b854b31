/** `runstate debug`: where profiles go. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeCli, real, unique } from './support.ts';

real('a profile goes to a file, and what could not be written leaves all as it was', async (t) => {
  const cli = makeCli(t);
  const id = unique('debug');
  await cli.quietly('run', '--detach', '--bundle', cli.bundle('bundle', ['sleep', '100']), id);
  const file = join(cli.directory, 'heap');
  writeFileSync(file, 'x'.repeat(100_000));
  await cli.ok('debug', '--profile-heap', file, id);
  t.deepEqual(readFileSync(file).subarray(0, 2), Buffer.from([0x1f, 0x8b]));
  t.true(statSync(file).size < 100_000, 'what was there before is gone');

  const full = join(cli.directory, 'full');
  execFileSync('mknod', [full, 'c', '1', '7']);
  const failed = await cli.run(['debug', '--profile-heap', full, id]);
  t.is(failed.code, 1);
  t.regex(failed.stderr, /no space left on device/);
  t.true(statSync(full).isCharacterDevice(), 'a device is not removed');

  const directory = await cli.run(['debug', '--profile-heap', cli.directory, id]);
  t.is(directory.code, 1);
  t.true(existsSync(cli.directory));
  const fresh = join(cli.directory, 'fresh');
  const twice = await cli.run([
    'debug',
    '--profile-cpu',
    fresh,
    '--profile-heap',
    full,
    '--duration',
    '0.1',
    id,
  ]);
  t.is(twice.code, 1);
});

real('without a flag it says what there is to look at', async (t) => {
  const { code, stderr } = await makeCli(t).run(['debug', 'nobody']);
  t.is(code, 1);
  t.regex(stderr, /say what to look at, e\.g\. --stacks/);
});
