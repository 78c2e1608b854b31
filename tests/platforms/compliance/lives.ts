/** Lives of containers and processes, and what is left of them: nothing. */
import { setTimeout as after } from 'node:timers/promises';
import { files } from '../../../native/index.ts';
import { openFiles } from '../linux/support/remains.ts';
import { soon, until } from '../../support/waiting.ts';
import { SIGKILL, exited, open, signaled, type Declare, type Subject } from './subject.ts';

export function lives(test: Declare, subject: Subject): void {
  const { programs, name } = subject;

  test(`${name}: says who it is, and what it can do here`, async (t) => {
    t.is(subject.platform().name, name);
    const report = await subject.platform().probe();
    t.is(report.platform, name);
    t.true(report.checks.length > 0);
    for (const check of report.checks) t.true(check.name !== '' && check.detail !== '', check.name);
  });

  test(`${name}: a created container has an init and runs nothing; a started one runs, and its end is told once`, async (t) => {
    const { id, sandbox, told, create, exit } = await open(t, subject);
    await create(id, programs.exits(7));
    await after(50);
    t.deepEqual(told, []);
    t.deepEqual(
      (await sandbox.processes(id)).map(({ pid }) => pid),
      [1],
    );
    await sandbox.start(id, soon());
    t.deepEqual(await exit(id), exited(7));
    await sandbox.destroy(id, soon());
    t.is(told.length, 1);
  });

  test(`${name}: each end is told as it was, and never before its exec was answered`, async (t) => {
    const { id, run, exec, exit, hasEnded, told } = await open(t, subject);
    await run(id, programs.forever);
    for (const [args, status] of [
      [programs.exits(0), exited(0)],
      [programs.exits(1), exited(1)],
      [programs.exits(255), exited(255)],
      [programs.dies(10), signaled(10)],
      [programs.lasts(20), exited(0)],
    ] as const) {
      const { pid } = await exec(id, args);
      t.false(hasEnded(id, pid));
      t.true(pid > 1);
      t.deepEqual(await exit(id, pid), status);
    }
    t.is(told.length, 5);
  });

  test(`${name}: many at once, and every status is right`, async (t) => {
    const { id, run, exec, exit } = await open(t, subject);
    await run(id, programs.forever);
    const started = await Promise.all(
      [1, 2, 3, 4, 5, 6, 7, 8].map(async (code) => ({
        code,
        pid: (await exec(id, programs.exits(code))).pid,
      })),
    );
    t.is(new Set(started.map(({ pid }) => pid)).size, started.length);
    for (const { code, pid } of started) t.deepEqual(await exit(id, pid), exited(code));
  });

  test(`${name}: when init ends, all others are killed, and each end is told once`, async (t) => {
    const { id, sandbox, run, exec, exit, told } = await open(t, subject);
    await run(id, programs.forks);
    const execs = [await exec(id, programs.forever), await exec(id, programs.forever)];
    await sandbox.signal(id, { kind: 'init' }, SIGKILL);
    t.deepEqual(await exit(id), signaled(SIGKILL));
    for (const { pid } of execs) t.deepEqual(await exit(id, pid), signaled(SIGKILL));
    await until(async () => (await sandbox.processes(id)).length === 0, 'processes live on');
    await sandbox.destroy(id, soon());
    t.is(told.length, 3);
  });

  test(`${name}: destroy ends all, tells it before it resolves, frees the id, and may be repeated`, async (t) => {
    const { id, sandbox, run, exec, hasEnded, create, told } = await open(t, subject);
    await sandbox.destroy('never-was', soon());
    await run(id, programs.forever);
    await run('sub', programs.forever);
    const { pid } = await exec('sub', programs.forever);
    await Promise.all([sandbox.destroy('sub', soon()), sandbox.destroy('sub', soon())]);
    t.true(hasEnded('sub') && hasEnded('sub', pid));
    t.false(hasEnded(id));
    await sandbox.destroy('sub', soon());
    t.is(told.length, 2);
    await create('sub', programs.forever);
    await sandbox.destroy('sub', soon());
    t.is(told.length, 3);
  });

  test(`${name}: close destroys what is there, removes all, may be repeated, and nothing is told after it`, async (t) => {
    await subject.spec(programs.forever);
    const before = openFiles();
    const opened = await open(t, subject);
    const { id, sandbox, run, create, exec, told } = opened;
    await run(id, programs.forever);
    await exec(id, programs.lasts(60));
    await run('running', programs.forks);
    await run('over', programs.exits(3));
    await create('created', programs.forever);
    await run('frozen', programs.forever);
    await sandbox.freeze('frozen', soon());
    await sandbox.freeze(undefined, soon());
    await sandbox.close(soon());
    const { length } = told;
    await sandbox.close(soon());
    await after(100);
    t.is(told.length, length);
    t.deepEqual(subject.remains(opened), []);
    t.is(openFiles(), before);
  });

  test(`${name}: files stay the caller's, and the process has its own until it ends`, async (t) => {
    const { id, sandbox, create, exit } = await open(t, subject);
    const { read, write } = files.pipe();
    await create(id, programs.prints('hello'), { files: [undefined, write] });
    // Still open: not closed by the platform. Nobody else has it from here on but the process to come.
    files.close(write);
    await sandbox.start(id, soon());
    t.deepEqual(await exit(id), exited(0));
    const buffer = Buffer.alloc(100);
    t.is(buffer.toString('utf8', 0, Number(files.read(read, buffer))), 'hello\n');
    files.setNonBlocking(read, true);
    t.is(files.read(read, buffer), 'end');
    files.close(read);
  });

  test(`${name}: a kill for want of memory is told before the end that it caused`, async (t) => {
    const { id, run, exit, told } = await open(t, subject);
    await run(id, programs.hog, { resources: { memory: { limit: 16 << 20, swap: 16 << 20 } } });
    t.deepEqual(await exit(id), signaled(SIGKILL));
    t.deepEqual(told, [
      { type: 'oomKilled', cid: id, count: 1 },
      { type: 'exited', cid: id, pid: undefined, status: signaled(SIGKILL) },
    ]);
  });
}
