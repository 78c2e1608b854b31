import { spawnSync } from 'node:child_process';
import {
  closeSync,
  openSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { RunstateError } from '../../../errors/index.ts';
import { builtFile, files } from '../../../native/index.ts';
import {
  criuCommand,
  criuFailure,
  findCriu,
  tellingLines,
  tryCriu,
} from '../../../platforms/linux/criu/index.ts';
import { open, soon, whyNot } from './support/sandbox.ts';

const why = whyNot() ?? (findCriu() === undefined ? 'there is no CRIU' : undefined);
if (why !== undefined) console.warn(`tests of CRIU are skipped: ${why}`);
const real = why === undefined ? test : test.skip;

/** What CRIU 4.2.1 wrote, but for the lines that are no errors. */
const outside = `(00.025480) Error (criu/util.c:1534): rlimit: Can't setup RLIMIT_NOFILE for self: Operation not permitted
(00.049497) Error (criu/files-reg.c:1790): Can't lookup mount=26 for fd=1 path=/srv/out
(00.049522) Error (criu/cr-dump.c:1545): Dump files (pid: 26118) failed with -1
(00.062901) Error (criu/cr-dump.c:1975): Dumping FAILED.
`;
const yard = `(00.003849) Error (criu/util.c:1534): rlimit: Can't setup RLIMIT_NOFILE for self: Operation not permitted
(00.016196)      1: Error (criu/util.c:1152): Unable to mount tmpfs in .criu.cgyard.7q5qfx: Invalid argument
(00.016222)      1: Error (criu/cgroup.c:1388): cg: Unable to umount .criu.cgyard.7q5qfx: Invalid argument
`;
const runcFailed = new RunstateError('RUNTIME_FAILED', {
  command: 'runc checkpoint',
  status: 'exit code 1',
  lines: 'criu failed: type NOTIFY errno 0\nlog file: /x/dump.log',
});

function place(t: ExecutionContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'rs-criu-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

function logOf(t: ExecutionContext, text: string): string {
  const file = join(place(t), 'some.log');
  writeFileSync(file, text);
  return file;
}

const messageFor = (what: 'checkpoint' | 'restore', log: string): unknown => {
  const error = criuFailure({ what, log }, runcFailed);
  return error instanceof RunstateError ? [error.code, error.message, error.cause === runcFailed] : error;
};

test('of a failure the subject, the first cause and what followed from it are told', (t) => {
  t.deepEqual(messageFor('checkpoint', logOf(t, outside)), [
    'CHECKPOINT_FAILED',
    "checkpoint failed in phase files: Can't lookup mount=26 for fd=1 path=/srv/out",
    true,
  ]);
  t.deepEqual(messageFor('restore', logOf(t, yard)), [
    'RESTORE_FAILED',
    'restore failed in phase cgroups: Unable to mount tmpfs in .criu.cgyard.7q5qfx: Invalid argument ' +
      '(cg: Unable to umount .criu.cgyard.7q5qfx: Invalid argument)',
    true,
  ]);
});

test('before CRIU had begun the runtime’s words are told; the same line once; not more than a few', (t) => {
  t.deepEqual(messageFor('checkpoint', '/nonexistent/dump.log'), [
    'CHECKPOINT_FAILED',
    'checkpoint failed in phase prepare: runc checkpoint exit code 1: CRIU ended, and its log tells no error',
    true,
  ]);
  const many = Array.from({ length: 40 }, (_none, at) => `Error (criu/mem.c:1): no ${at % 20}`);
  t.deepEqual(tellingLines(logOf(t, many.join('\n'))), ['no 0', 'no 1', 'no 2', 'no 3']);
  const cancelled = new RunstateError('CANCELLED', { verb: 'checkpoint', kind: 'container', id: 'c' });
  t.is(criuFailure({ what: 'checkpoint', log: logOf(t, outside) }, cancelled), cancelled);
});

real(
  'the CRIU that was found saves and brings back an open TCP connection; one that is none is told',
  async (t) => {
    t.is(await tryCriu(findCriu() ?? ''), undefined);
    t.regex((await tryCriu('/bin/false')) ?? '', /^dump: /);
  },
);

real(
  'its caller sees all of /run, mounts unseen, and keeps its descriptors; the cache is filled once',
  (t) => {
    const [own, criu] = [builtFile('criu-starter'), findCriu() ?? ''];
    const cache = join(place(t), 'cache');
    const mine = mkdtempSync('/run/rs-criu-test-');
    t.teardown(() => rmSync(mine, { recursive: true, force: true }));
    writeFileSync(join(mine, 'file'), 'here\n');
    symlinkSync(join(mine, 'file'), join(mine, 'link'));
    mkdirSync(join(mine, 'point'));
    const script = `cat ${mine}/link; mount -t tmpfs none ${mine}/point; stat -f -c %T /run; ls -A /run | sort; echo to-3 >&3`;
    const { read, write } = files.pipe();
    t.teardown(() => files.close(read));
    const first = spawnSync(own, [criu, cache, 'sh', '-c', script], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe', write],
    });
    files.close(write);
    const [said, kind, ...names] = first.stdout.trim().split('\n');
    t.deepEqual([first.status, first.stderr, said, kind], [0, '', 'here', 'tmpfs']);
    t.true(names.includes('criu.kdat'), 'what CRIU found is there');
    t.true(names.includes(mine.slice('/run/'.length)));
    t.false(readFileSync('/proc/self/mountinfo', 'utf8').includes(mine), 'nobody else sees what was mounted');
    const buffer = Buffer.alloc(16);
    t.is(files.read(read, buffer), 5);
    t.is(buffer.toString('latin1', 0, 5), 'to-3\n');
    const kept = readFileSync(cache);
    t.true(kept.length > 0);
    // Filled again it would take /bin/false for CRIU, and find nothing.
    const again = spawnSync(own, ['/bin/false', cache, 'cat', '/run/criu.kdat']);
    t.true(again.stdout.equals(kept));
  },
);

real('a runtime finds it by PATH, and what it found out about the kernel where it reads that', async (t) => {
  const criu = findCriu() ?? '';
  const { path, search } = await criuCommand(criu);
  t.is(path, dirname(criu));
  t.deepEqual(search.split(delimiter).slice(0, 2), [path, dirname(builtFile('criu-tools/tar'))]);
  const log = join(place(t), 'log');
  spawnSync(criu, ['check', '-v4', '--log-file', log]);
  t.regex(readFileSync(log, 'latin1'), /Loaded kdat cache from \/run\/criu\.kdat/);
});

real('a CRIU that keeps nothing is asked once, and a runtime that is not there is told', (t) => {
  const cache = join(place(t), 'cache');
  const run = (...args: readonly string[]) =>
    spawnSync(builtFile('criu-starter'), args, { encoding: 'utf8' });
  t.is(run('/bin/false', cache, 'true').status, 0);
  t.is(readFileSync(cache, 'latin1'), '');
  t.is(run('/bin/false', cache, 'true').status, 0);
  const none = run('/bin/false', '', '/nonexistent/runc');
  t.deepEqual(
    [none.status, none.stderr],
    [127, 'criu-starter: /nonexistent/runc: No such file or directory\n'],
  );
});

real('a file that is outside of the container is named, and the container goes on', async (t) => {
  const directory = place(t);
  const { id, sandbox, run, output } = await open(t);
  const log = join(directory, 'out');
  const fd = openSync(log, 'w');
  await run(id, 'while :; do sleep 0.1; done', { files: [undefined, undefined, undefined, fd] });
  closeSync(fd);
  await sandbox.freeze(undefined, soon());
  const save = sandbox.save({ directory, containers: [id], created: [], exec: 'refuse' }, soon());
  const error = await t.throwsAsync(save, { instanceOf: RunstateError, code: 'CHECKPOINT_FAILED' });
  t.regex(error.message, new RegExp(`^checkpoint failed in phase files: .*${log}`));
  await sandbox.thaw(undefined, soon());
  t.is(await output(id, 'echo alive'), 'alive\n');
  t.true(existsSync(log));
});
