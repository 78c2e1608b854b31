/** The tar that CRIU finds: its own archive of an empty directory is like any other's, and the rest is left to another. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import test from 'ava';
import { builtFile } from '../../native/index.ts';

const ours = builtFile('criu-tools/tar');
const others = process.env['PATH'] ?? '/usr/bin:/bin';

/** As CRIU calls it. */
function tar(program: string, args: readonly string[], input?: string) {
  const fd = input === undefined ? 'ignore' : Buffer.from(readFileSync(input));
  return spawnSync(program, ['--gzip', ...args], {
    env: { PATH: [dirname(ours), others].join(delimiter) },
    ...(fd === 'ignore' ? {} : { input: fd }),
  });
}

/** From a file, as CRIU's images are. */
function extract(program: string, archive: string, directory: string) {
  return spawnSync(
    'sh',
    ['-c', 'exec "$0" --extract --gzip --directory "$2" < "$1"', program, archive, directory],
    {
      env: { PATH: [dirname(ours), others].join(delimiter) },
    },
  );
}

function place(t: { teardown(undo: () => void): void }): (name: string) => string {
  const directory = mkdtempSync(join(tmpdir(), 'rs-tar-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  return (name) => join(directory, name);
}

test('an empty directory: any tar reads what ours writes, and ours reads it', (t) => {
  const at = place(t);
  mkdirSync(at('empty'));
  chmodSync(at('empty'), 0o1731);
  utimesSync(at('empty'), 1_000_000_000, 1_000_000_000);
  const { status, stdout } = tar(ours, ['--create', '--directory', at('empty'), '.']);
  t.is(status, 0);
  writeFileSync(at('archive'), stdout);
  for (const [index, program] of ['tar', ours].entries()) {
    const target = at(`target-${index}`);
    mkdirSync(target);
    t.is(extract(program, at('archive'), target).status, 0, program);
    t.is(statSync(target).mode & 0o7777, 0o1731, program);
    t.is(statSync(target).mtimeMs, 1_000_000_000_000, program);
  }
});

test('one that is not empty is saved and restored by the tar that comes next', (t) => {
  const at = place(t);
  mkdirSync(at('full'));
  mkdirSync(at('back'));
  writeFileSync(at('full/word'), 'hello');
  const { status, stdout } = tar(ours, ['--create', '--directory', at('full'), '.']);
  t.is(status, 0);
  writeFileSync(at('archive'), stdout);
  t.is(extract(ours, at('archive'), at('back')).status, 0);
  t.is(readFileSync(at('back/word'), 'utf8'), 'hello');
});

test('an archive that is nearly ours is checked by the tar that comes next', (t) => {
  const at = place(t);
  mkdirSync(at('empty'));
  mkdirSync(at('back'));
  const { stdout } = tar(ours, ['--create', '--directory', at('empty'), '.']);
  const before = statSync(at('back')).mode;
  // The mode in the header of the entry, without the checksums.
  stdout[15 + 103] = '7'.charCodeAt(0);
  writeFileSync(at('archive'), stdout);
  t.not(extract(ours, at('archive'), at('back')).status, 0);
  t.is(statSync(at('back')).mode, before);
});

test('without another tar that is told', (t) => {
  const at = place(t);
  mkdirSync(at('full'));
  writeFileSync(at('full/word'), 'hello');
  const { status, stderr } = spawnSync(ours, ['--create', '--gzip', '--directory', at('full'), '.'], {
    env: { PATH: dirname(ours) },
  });
  t.is(status, 127);
  t.regex(stderr.toString(), /no other in PATH/);
});
