/** What is saved of a sandbox, and made again. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import { isError } from '../../../errors/index.ts';
import { soon } from '../../support/waiting.ts';
import { SIGKILL, exited, open, signaled, type Declare, type Subject } from './subject.ts';

export function checkpoints(test: Declare, subject: Subject): void {
  const { programs, name } = subject;
  const long = 60_000;
  /** Ends by itself, but not before it is frozen. */
  const lasts = subject.pace * 4;
  /** Until it would have ended. */
  const whileItLasts = (): Promise<void> => after(lasts * 1.2);

  test(`${name}: exec'd processes that would be lost are named, or killed`, async (t) => {
    const { id, sandbox, run, exec, exit, hasEnded } = await open(t, subject);
    await run(id, programs.forever);
    const { pid } = await exec(id, programs.forever);
    await sandbox.freeze(undefined, soon());
    const directory = folder(t);
    const request = { directory, containers: [id], created: [] };
    const refused = await t.throwsAsync(sandbox.save({ ...request, exec: 'refuse' }, soon(long)));
    t.true(isError(refused, 'CHECKPOINT_REFUSED'), String(refused));
    t.true(refused.message.includes(`${pid} (`), refused.message);
    t.false(hasEnded(id, pid));
    await sandbox.save({ ...request, exec: 'kill' }, soon(long));
    t.deepEqual(await exit(id, pid), signaled(SIGKILL));
    t.false(hasEnded(id));
  });

  test(`${name}: what was saved is made again under other names, stands still, and goes on`, async (t) => {
    const from = await open(t, subject);
    const { sandbox } = from;
    await from.run(from.id, programs.forks);
    await from.run('sub', programs.lasts(lasts));
    await from.create('waiting', programs.exits(5));
    await sandbox.freeze(undefined, soon());
    const directory = folder(t);
    const saved = await sandbox.save(
      { directory, containers: [from.id, 'sub'], created: ['waiting'], exec: 'refuse' },
      soon(long),
    );
    t.deepEqual(
      saved.map(({ cid, processes }) => ({ cid, processes })),
      [from.id, 'sub', 'waiting'].map((cid) => ({ cid, processes: [] })),
    );
    await whileItLasts();
    t.false(from.hasEnded('sub'), 'it is left standing still');
    await sandbox.close(soon());

    const to = await open(t, subject);
    await to.create(to.id, programs.forever);
    const names: Readonly<Record<string, string>> = { [from.id]: to.id, sub: 'other' };
    const loaded = await to.sandbox.load(
      {
        directory,
        containers: saved.map((one) => ({
          ...one,
          savedCid: one.cid,
          cid: names[one.cid] ?? one.cid,
          isRoot: one.cid === from.id,
          isStarted: one.cid !== 'waiting',
          files: one.cid === from.id ? undefined : [],
        })),
      },
      soon(long),
    );
    t.deepEqual(
      loaded.map(({ cid }) => cid),
      [to.id, 'other', 'waiting'],
    );
    t.is((await to.sandbox.processes(to.id)).filter(({ ppid }) => ppid === 1).length > 0, true);
    await whileItLasts();
    t.deepEqual(to.told, [], 'that one was replaced is not told, and none goes on by itself');
    await to.sandbox.thaw(undefined, soon());
    t.deepEqual(await to.exit('other'), exited(0));
    await to.sandbox.start('waiting', soon());
    t.deepEqual(await to.exit('waiting'), exited(5));
    t.false(to.hasEnded(to.id));
  });

  test(`${name}: of what cannot be read nothing is made`, async (t) => {
    const { id, sandbox, run, directory: bundle } = await open(t, subject);
    await run(id, programs.forever);
    await sandbox.freeze(undefined, soon());
    const directory = folder(t);
    const [saved] = await sandbox.save(
      { directory, containers: [id], created: [], exec: 'refuse' },
      soon(long),
    );
    await sandbox.destroy(id, soon());
    const empty = folder(t);
    writeFileSync(join(empty, `${name}.json`), 'no such thing');
    if (saved === undefined) throw new Error('nothing was saved');
    const one = { ...saved, bundle, savedCid: id, isRoot: true, isStarted: true, files: [] };
    const error = await t.throwsAsync(sandbox.load({ directory: empty, containers: [one] }, soon(long)));
    t.true(isError(error, 'RESTORE_FAILED'), String(error));
    const gone = await t.throwsAsync(sandbox.processes(id));
    t.true(isError(gone, 'CONTAINER_NOT_FOUND'), String(gone));
  });
}

function folder(t: ExecutionContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'rs-saved-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
