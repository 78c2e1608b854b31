import { setTimeout as after } from 'node:timers/promises';
import test from 'ava';
import { isError } from '../../../errors/index.ts';
import { files } from '../../../native/index.ts';
import { stateOf } from './support/remains.ts';
import { open, readAll, soon, until, whyNot } from './support/sandbox.ts';

const serial = whyNot() === undefined ? test.serial : test.serial.skip;
const killed = { kind: 'signaled', signal: 9, coreDumped: false } as const;

serial('a signal to who is not there, or that is none, is refused by name', async (t) => {
  const { id, sandbox, run } = await open(t);
  await run(id, 'sleep 100');
  const gone = await t.throwsAsync(sandbox.signal(id, { kind: 'process', pid: 4000 }, 15));
  t.true(isError(gone, 'SIGNAL_FAILED') || isError(gone, 'PROCESS_NOT_FOUND'), String(gone));
  const bad = await t.throwsAsync(sandbox.signal(id, { kind: 'init' }, 900));
  t.true(isError(bad, 'SIGNAL_FAILED'), String(bad));
  await sandbox.signal(id, { kind: 'init' }, 0);
  await sandbox.signal(id, { kind: 'process', pid: 1 }, 0);
  const other = await t.throwsAsync(sandbox.signal('other', { kind: 'init' }, 0));
  t.true(isError(other, 'CONTAINER_NOT_FOUND'), String(other));
});

serial('a process by its pid in the container, and all of them', async (t) => {
  const { id, sandbox, run, exec, exit } = await open(t);
  const { read, write } = files.pipe();
  await run(id, 'sleep 77 & echo $!; trap "" TERM; while :; do sleep 0.05; done', {
    files: [undefined, write],
  });
  let child = 0;
  const { pid } = await exec(id, 'sleep 100');
  await sandbox.signal(id, { kind: 'process', pid }, 15);
  t.deepEqual(await exit(id, pid), { kind: 'signaled', signal: 15, coreDumped: false });
  await until(() => (child ||= Number(readAll(read))) > 0, 'the child told no pid');
  const waited = sandbox.waitProcess(id, child, soon());
  const again = sandbox.waitProcess(id, child, soon());
  // Not before it is found.
  await after(50);
  await sandbox.signal(id, { kind: 'process', pid: child }, 12);
  const status = await waited;
  // Older kernels keep no status of another's child.
  if (status.kind === 'unknown') t.log(status.why);
  else t.deepEqual(status, { kind: 'signaled', signal: 12, coreDumped: false });
  t.deepEqual(await again, status);
  await sandbox.signal(id, { kind: 'all' }, 9);
  t.deepEqual(await exit(id), killed);
  files.close(read);
  files.close(write);
});

serial('waiting for a process that no exec made: refused, cancelled, and ended by a destroy', async (t) => {
  const { id, sandbox, run } = await open(t);
  const { read, write } = files.pipe();
  await run(id, 'sleep 77 & echo $!; while :; do sleep 1000; done', { files: [undefined, write] });
  const none = await t.throwsAsync(sandbox.waitProcess(id, 4000, soon()));
  t.true(isError(none, 'PROCESS_NOT_FOUND'), String(none));
  let child = 0;
  await until(() => (child ||= Number(readAll(read))) > 0, 'the child told no pid');
  const controller = new AbortController();
  const cancelled = sandbox.waitProcess(id, child, controller.signal);
  setTimeout(() => controller.abort(), 20);
  t.true(isError(await t.throwsAsync(cancelled), 'CANCELLED'));
  const waited = sandbox.waitProcess(id, child, soon());
  await after(50);
  await sandbox.destroy(id, soon());
  const status = await waited;
  t.true(status.kind === 'unknown' || status.kind === 'signaled', JSON.stringify(status));
  files.close(read);
  files.close(write);
});

serial('SIGKILL ends a frozen container, and leaves its frozen neighbour frozen', async (t) => {
  const { id, sandbox, run, exit, create } = await open(t);
  await run(id, 'sleep 100');
  await create('sub', 'i=0; while :; do i=$((i+1)); done');
  await sandbox.start('sub', soon());
  await sandbox.freeze('sub', soon());
  await sandbox.signal('sub', { kind: 'init' }, 9);
  t.deepEqual(await exit('sub'), killed);
  await sandbox.destroy('sub', soon());

  await run('two', 'i=0; while :; do i=$((i+1)); done');
  await run('three', 'while :; do :; done');
  const busy = (await sandbox.processes('three')).at(-1)?.hostPid ?? 0;
  await sandbox.freeze(undefined, soon());
  await sandbox.signal('two', { kind: 'all' }, 9);
  t.deepEqual(await exit('two'), killed);
  await sandbox.destroy('two', soon());
  // It would run if it were not frozen; a frozen one sleeps without being woken.
  t.is(stateOf(busy), 'D');
  await sandbox.thaw(undefined, soon());
  await until(() => stateOf(busy) === 'R', 'the neighbour was not thawed');
});

serial('a frozen sandbox is destroyed', async (t) => {
  const { id, sandbox, run, exec } = await open(t);
  await run(id, 'sleep 100');
  await run('sub', 'sleep 100');
  await exec('sub', 'sleep 100');
  await sandbox.freeze('sub', soon());
  await sandbox.freeze(undefined, soon());
  await t.notThrowsAsync(sandbox.close(soon(5000)));
});
