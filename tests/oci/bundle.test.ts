import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { readBundle } from '../../oci/index.ts';
import { isError, type ErrorCode } from '../../errors/index.ts';

const config = '{"ociVersion":"1.0.2","process":{"args":["sh"],"cwd":"/"},"root":{"path":"rootfs"}}';

function scratch(t: ExecutionContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'runstate-bundle-'));
  t.teardown(() => {
    rmSync(directory, { recursive: true });
  });
  return directory;
}

async function refused(t: ExecutionContext, directory: string, code: ErrorCode, message: string | RegExp) {
  const error = await t.throwsAsync(readBundle(directory));
  t.true(isError(error, code), error.message);
  if (typeof message === 'string') t.is(error.message, `bundle ${JSON.stringify(directory)}: ${message}`);
  else t.regex(error.message, message);
}

test('a bundle is read with its absolute directory', async (t) => {
  const directory = scratch(t);
  mkdirSync(join(directory, 'rootfs'));
  writeFileSync(join(directory, 'config.json'), config);
  const bundle = await readBundle(`${directory}/../${directory.split('/').at(-1) ?? ''}/`);
  t.is(bundle.directory, directory);
  t.deepEqual(bundle.spec.process?.args, ['sh']);
});

test('each way in which a bundle can be broken has its sentence', async (t) => {
  const directory = scratch(t);
  const file = join(directory, 'config.json');
  await refused(t, join(directory, 'none'), 'BUNDLE', 'it does not exist');
  await refused(t, directory, 'BUNDLE', 'it has no config.json');
  writeFileSync(file, config);
  await refused(t, file, 'BUNDLE', 'it is not a directory');
  await refused(t, directory, 'BUNDLE', `the root file system ${directory}/rootfs does not exist`);
  writeFileSync(join(directory, 'rootfs'), '');
  await refused(t, directory, 'BUNDLE', `the root file system ${directory}/rootfs is not a directory`);
  writeFileSync(file, `${config}}`);
  await refused(
    t,
    directory,
    'SPEC',
    /config\.json: malformed JSON: line 1, column \d+: Expected end of input/,
  );
  writeFileSync(file, '{}');
  await refused(t, directory, 'SPEC', /config\.json: ociVersion: is missing; root: is missing$/);
  truncateSync(file, (16 << 20) + 1);
  await refused(t, directory, 'BUNDLE', 'config.json has 16777217 bytes, the most is 16777216');
});

test('a config.json that is no file is refused at once, also a pipe that nobody writes to', async (t) => {
  const directory = scratch(t);
  execFileSync('mkfifo', [join(directory, 'config.json')]);
  await refused(t, directory, 'BUNDLE', 'config.json is not a regular file');
  rmSync(join(directory, 'config.json'));
  mkdirSync(join(directory, 'config.json'));
  await refused(t, directory, 'BUNDLE', 'config.json is not a regular file');
});
