/** Standard streams that lead out of a container: what stands for them after a restore. */
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, readdirSync, writeSync } from 'node:fs';
import { Sandbox } from '../../index.ts';
import { errorCodeOf } from '../../transport/client/index.ts';
import { eventually, makePlace, real, remains, rootfs, unique } from './support.ts';

const counter = ['sh', '-c', 'i=0; while :; do i=$((i+1)); echo $i; echo "e$i" >&2; sleep 0.02; done'];

/** The numbers of lines that were read or written. */
const numbersIn = (text: string): readonly number[] => text.trim().split('\n').map(Number);

real(
  'files of the outside: another file, of another length, takes their place, generation by generation',
  async (t) => {
    const { root, file } = makePlace(t);
    const open = (name: string): number => {
      const fd = openSync(file(name), 'a');
      t.teardown(() => closeSync(fd));
      return fd;
    };
    const [first, second, third] = ['first', 'second', 'third'].map(open) as [number, number, number];
    const linesOf = (name: string): number => readFileSync(file(name), 'utf8').split('\n').length - 1;
    const writes = (name: string): Promise<true> =>
      eventually(() => (linesOf(name) > 5 ? true : undefined), `${name} is written to`);

    let sandbox = await Sandbox.create({
      ...{ root, id: unique('first'), rootfs, args: counter },
      ...{ stdout: first, stderr: 'ignore' },
    });
    await writes('first');
    await sandbox.checkpoint(file('state'));
    await sandbox.destroy();
    // One that has something in it already, and is not as long as the one before.
    sandbox = await Sandbox.restore(file('state'), { root, id: unique('second'), stdout: second });
    await writes('second');
    await sandbox.checkpoint(file('state'));
    await sandbox.destroy();
    await using last = await Sandbox.restore(file('state'), { root, id: unique('third'), stdout: third });
    await writes('third');
    await last.pause();
    // All of what was counted, in one piece, without holes.
    const all = ['first', 'second', 'third'].flatMap((name) => numbersIn(readFileSync(file(name), 'utf8')));
    t.deepEqual(
      all,
      all.map((_number, index) => index + 1),
    );
  },
);

real('a file of the outside becomes a pipe, or nothing, and a clone’s is nothing', async (t) => {
  const { root, file } = makePlace(t);
  const fd = openSync(file('log'), 'a');
  t.teardown(() => closeSync(fd));
  await using sandbox = await Sandbox.create({
    ...{ root, id: unique('logged'), rootfs, args: counter },
    ...{ stdout: fd, stderr: fd },
  });
  await sandbox.checkpoint(file('state'), { leaveRunning: true });
  await using piped = await Sandbox.restore(file('state'), { root, id: unique('heard'), stdout: 'pipe' });
  const heard: string[] = [];
  piped.root.stdout?.on('data', (data: Buffer) => heard.push(data.toString()));
  await eventually(() => (heard.length > 2 ? true : undefined), 'the pipe is written to');
  await using silent = await Sandbox.restore(file('state'), { root, id: unique('silent') });
  t.is((await silent.root.state()).status, 'running');
  const [clone] = await sandbox.fork(1);
  t.is(clone?.status, 'fulfilled', clone?.status === 'rejected' ? String(clone.reason) : '');
  if (clone?.status === 'fulfilled') await clone.value.destroy();
});

real('pipes: new ones take their place, and what is written next is read there', async (t) => {
  const { root, file } = makePlace(t);
  const sandbox = await Sandbox.create({ root, id: unique('piped'), rootfs, args: counter });
  const before: string[] = [];
  sandbox.root.stdout?.on('data', (data: Buffer) => before.push(data.toString()));
  sandbox.root.stderr?.resume();
  await eventually(() => (before.length > 5 ? true : undefined), 'it writes');
  await sandbox.checkpoint(file('state'));
  await sandbox.destroy();
  await using back = await Sandbox.restore(file('state'), { root, id: unique('again'), stdout: 'pipe' });
  const after: string[] = [];
  back.root.stdout?.on('data', (data: Buffer) => after.push(data.toString()));
  await eventually(() => (after.length > 5 ? true : undefined), 'it writes again');
  const numbers = numbersIn(after.join(''));
  t.true((numbers[0] ?? 0) >= (numbersIn(before.join('')).at(-1) ?? 0), 'it has not begun anew');
  t.deepEqual(
    numbers,
    numbers.map((_number, index) => (numbers[0] ?? 0) + index),
  );
});

real('a restore that is aborted closes the pipes that it made', async (t) => {
  const { root, file } = makePlace(t);
  const sandbox = await Sandbox.create({ root, id: unique('whole'), rootfs, args: counter });
  sandbox.root.stdout?.resume();
  sandbox.root.stderr?.resume();
  await sandbox.checkpoint(file('state'));
  await sandbox.destroy();
  const id = unique('never');
  const descriptors = (): number => readdirSync('/proc/self/fd').length;
  await eventually(
    () => (sandbox.root.stdout?.destroyed === true ? true : undefined),
    'its streams are closed',
  );
  // It begins, and never comes to its end.
  execFileSync('mkfifo', [file('fifo')]);
  const beginning = openSync(file('fifo'), 'r+');
  writeSync(beginning, readFileSync(file('state')).subarray(0, 5000));
  const before = descriptors();
  const error = await t.throwsAsync(
    Sandbox.restore(file('fifo'), { root, id, stdout: 'pipe', signal: AbortSignal.timeout(1000) }),
  );
  t.is(errorCodeOf(error), 'CANCELLED');
  await eventually(() => (descriptors() <= before ? true : undefined), 'no descriptor is left');
  closeSync(beginning);
  t.deepEqual(remains(root, id), []);
});
