/**
 * A checkpoint that fails in its middle leaves the sandbox as it was, running or paused; a restore that does leaves
 * nothing. Either can be done again then.
 */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import { Sandbox, type Container } from '../../index.ts';
import { errorCodeOf } from '../../transport/client/index.ts';
import { eventually, makeCli, makePlace, read, real, remains, rootfs, unique } from './support.ts';
import { criuOf, noCriuIn, smallDisk } from './trouble.ts';

/** A counter, and so much memory that there is a middle. */
const program = (megabytes: number): readonly string[] => [
  'sh',
  '-c',
  `dd if=/dev/zero bs=${megabytes}000000 count=1 iflag=fullblock | sleep 100000 & ` +
    'i=0; while :; do i=$((i+1)); echo $i > /dev/shm/count; sleep 0.02; done',
];
const quiet = { stdout: 'ignore', stderr: 'ignore' } as const;

const count = async (container: Container): Promise<number> =>
  Number(await read(container, 'cat', '/dev/shm/count'));

/** It counts on: what follows the number now. */
async function countsOn(t: ExecutionContext, container: Container): Promise<void> {
  const from = await count(container);
  for (let looks = 0; looks < 200; looks++) {
    if ((await count(container)) > from) return;
    await after(20);
  }
  t.fail(`stays at ${from}`);
}

async function start(root: string, id: string, megabytes = 120): Promise<Sandbox> {
  const sandbox = await Sandbox.create({ root, id, rootfs, args: program(megabytes), ...quiet });
  // In pages.
  const wanted = megabytes * 240;
  const look = `cat /proc/[0-9]*/statm | while read a b c; do [ $b -gt ${wanted} ] && echo filled; done`;
  const filled = ['sh', '-c', look];
  await eventually(
    async () => ((await read(sandbox.root, ...filled)).includes('filled') ? true : undefined),
    'its memory is in use',
  );
  return sandbox;
}

/** As if it had never been tried. */
async function isAsBefore(t: ExecutionContext, sandbox: Sandbox, root: string, file: string): Promise<void> {
  t.is((await sandbox.root.state()).status, 'running');
  await countsOn(t, sandbox.root);
  t.deepEqual(scratchOf(root, sandbox.id), []);
  t.false(existsSync(file));
  t.deepEqual(partsOf(file), []);
  await noCriuIn(root);
}

const scratchOf = (root: string, id: string): readonly string[] =>
  readdirSync(join(root, 'sandboxes', id, 'platform')).filter((name) => name.startsWith('scratch-'));

/** Of a file that was not completed. */
const partsOf = (file: string): readonly string[] =>
  readdirSync(dirname(file)).filter((name) => name.includes('.state-'));

/** What was saved comes back under another id and counts on. */
async function comesBack(
  t: ExecutionContext,
  root: string,
  file: string,
  id = unique('back'),
): Promise<void> {
  await using back = await Sandbox.restore(file, { root, id });
  await countsOn(t, back.root);
}

async function code(t: ExecutionContext, asked: Promise<unknown>): Promise<string | undefined> {
  return errorCodeOf(await t.throwsAsync(asked));
}

async function killCriu(root: string): Promise<void> {
  process.kill(await criuOf(root), 'SIGKILL');
}

real(
  'CRIU killed in a checkpoint: the sandbox goes on, or stays paused, and can be saved then',
  async (t) => {
    const { root, file } = makePlace(t);
    await using sandbox = await start(root, unique('killed'));
    const first = code(t, sandbox.checkpoint(file('state')));
    await killCriu(root);
    t.is(await first, 'CHECKPOINT_FAILED');
    await isAsBefore(t, sandbox, root, file('state'));

    const from = await count(sandbox.root);
    await sandbox.pause();
    const second = code(t, sandbox.checkpoint(file('state')));
    await killCriu(root);
    t.is(await second, 'CHECKPOINT_FAILED');
    await noCriuIn(root);
    t.is((await sandbox.root.state()).status, 'paused');
    await sandbox.resume();
    t.true((await count(sandbox.root)) < from + 100, 'it stood still all the while');

    await sandbox.checkpoint(file('state'), { leaveRunning: true });
    await comesBack(t, root, file('state'));
  },
);

real('CRIU killed in a restore: nothing is left, and it can be restored then', async (t) => {
  const { root, file } = makePlace(t);
  const sandbox = await start(root, unique('saved'));
  await sandbox.checkpoint(file('state'));
  await sandbox.destroy();
  const id = unique('restored');
  const restored = code(t, Sandbox.restore(file('state'), { root, id }));
  await killCriu(root);
  t.is(await restored, 'RESTORE_FAILED');
  await noCriuIn(root);
  t.deepEqual(remains(root, id), []);
  await comesBack(t, root, file('state'), id);
});

real('the disk of the statefile full: no file is there, and the sandbox goes on', async (t) => {
  const { root, file } = makePlace(t);
  const disk = smallDisk(t, file('disk'), 20);
  await using sandbox = await start(root, unique('full'));
  t.is(await code(t, sandbox.checkpoint(join(disk, 'state'))), 'STATEFILE_NO_SPACE');
  await isAsBefore(t, sandbox, root, join(disk, 'state'));
  await sandbox.checkpoint(file('state'), { leaveRunning: true });
  await comesBack(t, root, file('state'));
});

real('the disk of the run directory full: a sandbox goes on, and none is half restored', async (t) => {
  const { root, file } = makePlace(t);
  const disk = smallDisk(t, file('disk'), 60);
  const small = join(disk, 'root');
  await using sandbox = await start(small, unique('full'));
  t.is(await code(t, sandbox.checkpoint(file('state'))), 'CHECKPOINT_FAILED');
  await isAsBefore(t, sandbox, small, file('state'));

  await using other = await start(root, unique('roomy'));
  await other.checkpoint(file('state'), { leaveRunning: true });
  const id = unique('crammed');
  t.is(await code(t, Sandbox.restore(file('state'), { root: small, id })), 'SYSTEM');
  t.deepEqual(remains(small, id), []);
  await comesBack(t, root, file('state'), id);
});

real('an abort in the middle of either is the same', async (t) => {
  const { root, file } = makePlace(t);
  await using sandbox = await start(root, unique('aborted'));
  const saving = new AbortController();
  const saved = code(t, sandbox.checkpoint(file('state'), { signal: saving.signal }));
  await criuOf(root);
  saving.abort();
  t.is(await saved, 'CANCELLED');
  // The call has ended; the supervisor ends its work a moment later.
  await eventually(
    () => (scratchOf(root, sandbox.id).length === 0 ? true : undefined),
    'the work under way is given up',
  );
  await isAsBefore(t, sandbox, root, file('state'));
  await sandbox.checkpoint(file('state'), { leaveRunning: true });

  const id = unique('unmade');
  const loading = new AbortController();
  const loaded = code(t, Sandbox.restore(file('state'), { root, id, signal: loading.signal }));
  await criuOf(join(root, 'sandboxes', id));
  loading.abort();
  t.is(await loaded, 'CANCELLED');
  t.deepEqual(remains(root, id), []);
  await comesBack(t, root, file('state'), id);
});

real('a client that is killed in the middle of either is the same', async (t) => {
  const cli = makeCli(t);
  const { root, directory } = cli;
  const file = join(directory, 'state');
  await using sandbox = await start(root, unique('orphaned'));
  const saver = cli.start(['checkpoint', '--image-path', file, sandbox.id], { stdio: 'ignore' });
  await criuOf(root);
  saver.kill('SIGKILL');
  await eventually(
    () => (scratchOf(root, sandbox.id).length === 0 ? true : undefined),
    'the work under way is given up',
  );
  await eventually(
    async () => ((await sandbox.root.state()).status === 'running' ? true : undefined),
    'it goes on',
  );
  await countsOn(t, sandbox.root);
  t.false(existsSync(file));
  // Nobody was there to remove what it had begun, which nothing takes for a whole one.
  for (const part of partsOf(file))
    t.not((await cli.run(['statefile', 'inspect', join(directory, part)])).code, 0);
  await cli.ok('checkpoint', '--leave-running', '--image-path', file, sandbox.id);

  const id = unique('fatherless');
  const loader = cli.start(['restore', '--detach', '--image-path', file, id], { stdio: 'ignore' });
  await criuOf(join(root, 'sandboxes', id));
  loader.kill('SIGKILL');
  await eventually(() => (remains(root, id).length === 0 ? true : undefined), 'nothing is left of it');
  await comesBack(t, root, file, id);
});
