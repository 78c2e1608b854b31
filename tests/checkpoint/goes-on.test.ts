/** What is saved goes on: after a restore under another id, and where it was left running. */
import { setTimeout as after } from 'node:timers/promises';
import { Sandbox, type Container } from '../../index.ts';
import { eventually, makePlace, read, real, remains, rootfs, unique } from './support.ts';

const program = [
  // A pipe that is read by another process.
  'mkfifo /dev/shm/fifo',
  '(while read x; do echo "piped $x" >> /dev/shm/piped; done) <> /dev/shm/fifo &',
  'exec 7> /dev/shm/fifo',
  // A file without a name.
  'exec 8> /dev/shm/unlinked 9< /dev/shm/unlinked',
  'rm /dev/shm/unlinked',
  // A counter in memory, told to all of these.
  'i=0',
  'while :; do i=$((i+1)); echo $i > /dev/shm/count; echo $i >&7; echo $i >&8; sleep 0.02; done',
].join('\n');
const server = 'nc -l -p 7000 -e sh -c \'while read x; do echo "got $x"; done\'';
/** Until there is a server. */
const client =
  'count() { i=0; while :; do i=$((i+1)); echo $i; sleep 0.02; done; }; ' +
  'until count | nc 127.0.0.1 7000 > /dev/shm/answers; do sleep 0.1; done';

/** By the descriptor of the program, whichever its pid is. */
const unlinkedOf = ['sh', '-c', 'for one in /proc/[0-9]*/fd/9; do cat $one 2>/dev/null && exit; done'];

/** The last line, which is a number; not while the program has emptied the file and not written to it yet. */
const number = (container: Container, ...args: readonly string[]): Promise<number> =>
  eventually(async () => {
    const [, last] = /(\d+)\n$/.exec(await read(container, ...args)) ?? [];
    return last === undefined ? undefined : Number(last);
  }, 'a number comes');

const lastOf = (container: Container, file: string): Promise<number> =>
  number(container, 'tail', '-n', '1', file);

/** Each of its counters, and that they count on. */
async function counts(
  t: { true(is: boolean, why?: string): void },
  what: () => Promise<number>,
  from: number,
): Promise<void> {
  for (let looks = 0; looks < 100; looks++) {
    if ((await what()) > from) return;
    await after(50);
  }
  t.true(false, `stays at ${from}`);
}

real('memory, files, a pipe and a connection between containers go on under another id', async (t) => {
  const { root, file } = makePlace(t);
  const [old, id, peer] = [unique('old'), unique('new'), unique('peer')];
  const sandbox = await Sandbox.create({
    root,
    id: old,
    rootfs,
    args: ['sh', '-c', program],
    stdout: 'ignore',
    stderr: 'ignore',
  });
  await sandbox.run(['sh', '-c', server], { id: peer, stdout: 'ignore', stderr: 'ignore' });
  const caller = await sandbox.run(['sh', '-c', client], {
    id: `${peer}-caller`,
    stdout: 'ignore',
    stderr: 'ignore',
  });
  await counts(t, () => lastOf(sandbox.root, '/dev/shm/piped'), 5);
  await counts(t, () => lastOf(caller, '/dev/shm/answers'), 5);
  await sandbox.checkpoint(file('state'));
  const states = await sandbox.containers();
  t.deepEqual(
    states.map(({ chart }) => chart),
    ['checkpointed', 'checkpointed', 'checkpointed'],
  );
  await sandbox.destroy();
  t.deepEqual(remains(root, old), []);

  await using back = await Sandbox.restore(file('state'), { root, id });
  const [count, piped] = [
    await lastOf(back.root, '/dev/shm/count'),
    await lastOf(back.root, '/dev/shm/piped'),
  ];
  t.true(count > 5);
  await counts(t, () => lastOf(back.root, '/dev/shm/count'), count);
  await counts(t, () => lastOf(back.root, '/dev/shm/piped'), piped);
  // Read by the descriptor of the program, which has no name any more: all that was counted, without a gap.
  const unlinked = (await read(back.root, ...unlinkedOf)).trim().split('\n').map(Number);
  t.deepEqual(
    unlinked,
    unlinked.map((_, index) => index + 1),
  );
  t.true(unlinked.length > count);
  const there = back.container(`${peer}-caller`);
  const answers = await lastOf(there, '/dev/shm/answers');
  await counts(t, () => lastOf(there, '/dev/shm/answers'), answers);
  const all = (await read(there, 'cat', '/dev/shm/answers')).trim().split('\n');
  t.deepEqual(
    all,
    all.map((_, index) => `got ${index + 1}`),
  );
  t.deepEqual(
    (await back.containers()).map(({ id: cid, status }) => `${cid} ${status}`),
    [`${id} running`, `${peer} running`, `${peer}-caller running`],
  );
});

real('left running it goes on as if nothing had been, and what was saved is of that moment', async (t) => {
  const { root, file } = makePlace(t);
  const id = unique('stays');
  await using sandbox = await Sandbox.create({
    root,
    id,
    rootfs,
    args: ['sh', '-c', program],
    stdout: 'ignore',
    stderr: 'ignore',
  });
  await counts(t, () => lastOf(sandbox.root, '/dev/shm/count'), 5);
  const told: { phase: string; bytes: number; total?: number }[] = [];
  const onProgress = (progress: (typeof told)[number]): void => void told.push(progress);
  await sandbox.checkpoint(file('state'), { leaveRunning: true, compression: 'gzip', onProgress });
  t.deepEqual([...new Set(told.map(({ phase }) => phase))], ['dump', 'write']);
  t.is(told.at(-1)?.bytes, told.at(-1)?.total, 'all of it was told');
  const before = await lastOf(sandbox.root, '/dev/shm/count');
  await counts(t, () => lastOf(sandbox.root, '/dev/shm/count'), before + 20);
  await using back = await Sandbox.restore(file('state'), { root, id: unique('copy'), hold: true });
  t.is((await back.root.state()).chart, 'restored');
  await back.resume();
  t.true((await lastOf(back.root, '/dev/shm/count')) < before + 20);
});

real(
  'three clones live at once and go their own ways; one that cannot be does not keep the others',
  async (t) => {
    const { root } = makePlace(t);
    const id = unique('origin');
    await using sandbox = await Sandbox.create({ root, id, rootfs });
    await read(sandbox.root, 'sh', '-c', 'echo common > /dev/shm/word');
    const outcomes = await sandbox.fork([unique('a'), id, unique('b'), unique('c')]);
    t.deepEqual(
      outcomes.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
    );
    const clones = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    try {
      for (const [index, clone] of clones.entries()) {
        t.is(await read(clone.root, 'cat', '/dev/shm/word'), 'common\n');
        await read(clone.root, 'sh', '-c', `echo ${index} > /dev/shm/word`);
      }
      for (const [index, clone] of clones.entries())
        t.is(await read(clone.root, 'cat', '/dev/shm/word'), `${index}\n`);
      t.is(await read(sandbox.root, 'cat', '/dev/shm/word'), 'common\n');
      // Each has a network of its own.
      const networks = await Promise.all(
        clones.map((clone) => read(clone.root, 'readlink', '/proc/self/ns/net')),
      );
      t.is(new Set(networks).size, 3);
    } finally {
      for (const clone of clones) await clone.destroy();
    }
  },
);

real('ten generations, each under another name, lose nothing', async (t) => {
  const { root, file } = makePlace(t);
  let sandbox = await Sandbox.create({
    root,
    id: unique('g0'),
    rootfs,
    args: ['sh', '-c', program],
    stdout: 'ignore',
    stderr: 'ignore',
  });
  let last = 0;
  for (let generation = 1; generation <= 10; generation++) {
    await counts(t, () => lastOf(sandbox.root, '/dev/shm/count'), last);
    await sandbox.checkpoint(file('state'));
    await sandbox.destroy();
    sandbox = await Sandbox.restore(file('state'), { root, id: unique(`g${generation}`) });
    const count = await lastOf(sandbox.root, '/dev/shm/count');
    t.true(count >= last);
    last = count;
  }
  const unlinked = (await read(sandbox.root, ...unlinkedOf)).trim().split('\n').map(Number);
  t.deepEqual(
    unlinked,
    unlinked.map((_, index) => index + 1),
  );
  await sandbox.destroy();
});

real(
  'a container that was never started, one that was paused alone and one that has ended come back as they were',
  async (t) => {
    const { root, file } = makePlace(t);
    const names = ['root', 'paused', 'ended'].map(unique);
    const [id = '', paused = '', ended = ''] = names;
    const quiet = { stdout: 'ignore', stderr: 'ignore' } as const;
    const sandbox = await Sandbox.create({ root, id, rootfs });
    await (await sandbox.run(['sleep', '1000'], { id: paused, ...quiet })).pause();
    const short = await sandbox.run(['sh', '-c', 'exit 5'], { id: ended, ...quiet });
    t.deepEqual(await short.wait(), { kind: 'exited', code: 5 });
    await sandbox.checkpoint(file('state'));
    await sandbox.destroy();
    await using back = await Sandbox.restore(file('state'), { root, id });
    const found = await back.containers();
    t.deepEqual(
      found.map(({ id: cid, chart }) => `${cid} ${chart}`),
      [`${id} running`, `${paused} paused`, `${ended} stopped`],
    );
    t.deepEqual(await back.container(ended).wait(), { kind: 'exited', code: 5 });
    await back.container(paused).resume();
    t.is((await back.container(paused).state()).chart, 'running');
  },
);
