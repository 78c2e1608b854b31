/** Standing still: one container alone, and all of the sandbox. */
import { setTimeout as after } from 'node:timers/promises';
import { soon } from '../../support/waiting.ts';
import { SIGKILL, SIGTERM, exited, open, signaled, type Declare, type Subject } from './subject.ts';

export function freezing(test: Declare, subject: Subject): void {
  const { programs, name } = subject;
  /** Ends by itself, but not before it is frozen. */
  const short = programs.lasts(subject.pace);
  /** Until it would have ended. */
  const whileItLasts = (): Promise<void> => after(subject.pace * 1.5);

  test(`${name}: what is frozen stands still, has its signals pending, and goes on; its neighbours do not notice`, async (t) => {
    const { id, sandbox, run, exec, exit, hasEnded } = await open(t, subject);
    await run(id, programs.forever);
    await run('sub', programs.forever);
    const long = await exec('sub', programs.forever);
    const brief = await exec('sub', short);
    await sandbox.freeze('sub', soon());
    await sandbox.freeze('sub', soon());
    const neighbour = await exec(id, programs.exits(3));
    t.deepEqual(await exit(id, neighbour.pid), exited(3));
    await sandbox.signal('sub', { kind: 'process', pid: long.pid }, SIGTERM);
    await whileItLasts();
    t.false(hasEnded('sub', brief.pid) || hasEnded('sub', long.pid));
    t.true((await sandbox.processes('sub')).length >= 3);
    await sandbox.thaw('sub', soon());
    t.deepEqual(await exit('sub', brief.pid), exited(0));
    t.deepEqual(await exit('sub', long.pid), signaled(SIGTERM));
    await sandbox.thaw('sub', soon());
  });

  test(`${name}: the whole sandbox stands still; one that was also frozen alone stays so when it goes on`, async (t) => {
    const { id, sandbox, run, exec, exit, hasEnded } = await open(t, subject);
    await run(id, programs.forever);
    await run('sub', programs.forever);
    const root = await exec(id, short);
    const sub = await exec('sub', short);
    await sandbox.freeze('sub', soon());
    await sandbox.freeze(undefined, soon());
    await whileItLasts();
    t.false(hasEnded(id, root.pid) || hasEnded('sub', sub.pid));
    await sandbox.thaw(undefined, soon());
    t.deepEqual(await exit(id, root.pid), exited(0));
    await whileItLasts();
    t.false(hasEnded('sub', sub.pid), 'it was also frozen alone');
    await sandbox.thaw('sub', soon());
    t.deepEqual(await exit('sub', sub.pid), exited(0));
  });

  test(`${name}: one that is let go alone still stands still with its sandbox`, async (t) => {
    const { id, sandbox, run, exec, exit, hasEnded } = await open(t, subject);
    await run(id, programs.forever);
    await run('sub', programs.forever);
    const { pid } = await exec('sub', short);
    await sandbox.freeze('sub', soon());
    await sandbox.freeze(undefined, soon());
    await sandbox.thaw('sub', soon());
    await whileItLasts();
    t.false(hasEnded('sub', pid));
    await sandbox.thaw(undefined, soon());
    t.deepEqual(await exit('sub', pid), exited(0));
  });

  for (const target of [{ kind: 'init' }, { kind: 'all' }, { kind: 'process', pid: 1 }] as const)
    test(`${name}: SIGKILL (${target.kind}) ends a frozen container, alone or with its sandbox, and its neighbour stays frozen`, async (t) => {
      const { id, sandbox, run, exec, exit, hasEnded } = await open(t, subject);
      await run(id, programs.forever);
      await run('alone', programs.forever);
      await run('together', programs.forever);
      await sandbox.freeze('alone', soon());
      await sandbox.signal('alone', target, SIGKILL);
      t.deepEqual(await exit('alone'), signaled(SIGKILL));
      await sandbox.destroy('alone', soon());
      const { pid } = await exec(id, short);
      await sandbox.freeze(undefined, soon());
      await sandbox.signal('together', target, SIGKILL);
      t.deepEqual(await exit('together'), signaled(SIGKILL));
      await sandbox.destroy('together', soon());
      await whileItLasts();
      t.false(hasEnded(id, pid), 'the neighbour was let go');
      await sandbox.thaw(undefined, soon());
      t.deepEqual(await exit(id, pid), exited(0));
    });

  test(`${name}: what is frozen is destroyed, alone or with its sandbox`, async (t) => {
    const opened = await open(t, subject);
    const { id, sandbox, run, exec, hasEnded } = opened;
    await run(id, programs.forever);
    await run('sub', programs.forks);
    const { pid } = await exec('sub', programs.forever);
    await sandbox.freeze('sub', soon());
    await sandbox.destroy('sub', soon());
    t.true(hasEnded('sub') && hasEnded('sub', pid));
    await run('sub', programs.forever);
    await sandbox.freeze(undefined, soon());
    await sandbox.close(soon());
    t.deepEqual(subject.remains(opened), []);
  });
}
