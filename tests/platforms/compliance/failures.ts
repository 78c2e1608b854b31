/** What is refused, and what aborted work leaves behind. */
import { setTimeout as after } from 'node:timers/promises';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isError, isRunstateError } from '../../../errors/index.ts';
import { openFiles } from '../linux/support/remains.ts';
import { soon, until } from '../../support/waiting.ts';
import { SIGTERM, exited, open, type Declare, type Subject } from './subject.ts';

export function failures(test: Declare, subject: Subject): void {
  const { programs, name } = subject;

  test(`${name}: a program that is not there, or is none, is told apart; a create so refused leaves the id free`, async (t) => {
    const { id, create, run, exec, told, exit } = await open(t, subject);
    const missing = await t.throwsAsync(create(id, programs.missing));
    t.true(isError(missing, 'COMMAND_NOT_FOUND'), String(missing));
    t.regex(missing.message, /^Failed to load .*: (no such file or directory|executable file not found)/);
    const none = await t.throwsAsync(create(id, programs.notExecutable));
    t.true(isError(none, 'COMMAND_NOT_EXECUTABLE'), String(none));
    await run(id, programs.forever);
    const command = await t.throwsAsync(exec(id, programs.missing));
    t.true(isError(command, 'COMMAND_NOT_FOUND'), String(command));
    const text = await t.throwsAsync(exec(id, programs.notExecutable));
    t.true(isError(text, 'COMMAND_NOT_EXECUTABLE'), String(text));
    const { pid } = await exec(id, programs.exits(0));
    t.deepEqual(await exit(id, pid), exited(0));
    t.deepEqual(
      told.filter((one) => one.type !== 'exited' || one.pid !== undefined).length,
      1,
      'no end is told of what never was',
    );
  });

  test(`${name}: an id that is taken is refused, and who has it is not touched`, async (t) => {
    const { id, sandbox, create, exit } = await open(t, subject);
    await create(id, programs.exits(4));
    const twice = await t.throwsAsync(create(id, programs.forever));
    t.true(isError(twice, 'CONTAINER_EXISTS'), String(twice));
    await sandbox.start(id, soon());
    t.deepEqual(await exit(id), exited(4));
  });

  test(`${name}: whatever is asked of a container that is not there is refused by its name`, async (t) => {
    const { sandbox, exec } = await open(t, subject);
    for (const work of [
      () => sandbox.start('nobody', soon()),
      () => exec('nobody', programs.forever),
      () => sandbox.signal('nobody', { kind: 'init' }, SIGTERM),
      () => sandbox.freeze('nobody', soon()),
      () => sandbox.thaw('nobody', soon()),
      () => sandbox.processes('nobody'),
      () => sandbox.stats('nobody'),
      () => sandbox.waitProcess('nobody', 1, soon()),
    ]) {
      const error = await t.throwsAsync(work());
      t.true(isError(error, 'CONTAINER_NOT_FOUND'), `${work.toString()}: ${String(error)}`);
      t.is(error.message, 'container "nobody" does not exist');
    }
  });

  test(`${name}: work that is aborted before it begins is cancelled, and nothing is done`, async (t) => {
    const opened = await open(t, subject);
    const { id, sandbox, create, run, exec, told } = opened;
    const gone = AbortSignal.abort();
    const cancelled = async (work: Promise<unknown>): Promise<void> => {
      const error = await t.throwsAsync(work);
      t.true(isError(error, 'CANCELLED'), String(error));
    };
    const directory = mkdtempSync(join(tmpdir(), 'rs-comply-'));
    const listener = { exited: () => undefined, oomKilled: () => undefined };
    await cancelled(subject.platform().openSandbox({ id: `${id}-x`, directory }, listener, gone));
    t.deepEqual(
      subject.remains({ id: `${id}-x`, directory }).filter((left) => left !== directory),
      [],
    );
    rmSync(directory, { recursive: true, force: true });
    await cancelled(create(id, programs.forever, { signal: gone }));
    await create(id, programs.forever);
    await cancelled(sandbox.start(id, gone));
    await sandbox.destroy(id, soon());
    const { length } = told;
    await run(id, programs.forever);
    await cancelled(exec(id, programs.forever, gone));
    await cancelled(sandbox.freeze(id, gone));
    await cancelled(sandbox.freeze(undefined, gone));
    await cancelled(sandbox.waitProcess(id, 1, gone));
    t.is((await sandbox.processes(id)).length, 1);
    // It is not frozen.
    await t.notThrowsAsync(exec(id, programs.exits(0)));
    t.is(told.filter((one) => one.type === 'exited' && one.pid === undefined).length, length);
  });

  test(`${name}: an error of the catalogue that a signal was aborted with comes through`, async (t) => {
    const { id, create } = await open(t, subject);
    const reason = await t.throwsAsync(create(id, programs.missing));
    t.is(await t.throwsAsync(create(id, programs.forever, { signal: AbortSignal.abort(reason) })), reason);
    t.true(isRunstateError(reason));
  });

  test(`${name}: a create that is aborted while it works leaves nothing, and its id can be used again`, async (t) => {
    await subject.spec(programs.forever);
    const before = openFiles();
    const opened = await open(t, subject);
    const { id, sandbox, create } = opened;
    for (const delay of [0, 1, 3, 6, 10, 15]) {
      const controller = new AbortController();
      const created = create(id, programs.forever, { signal: controller.signal }).then(
        () => 'created',
        (error: unknown) => (isError(error, 'CANCELLED') ? 'cancelled' : String(error)),
      );
      await (delay === 0 ? Promise.resolve() : after(delay));
      controller.abort();
      const outcome = await created;
      t.true(['created', 'cancelled'].includes(outcome), outcome);
      if (outcome === 'cancelled') {
        const error = await t.throwsAsync(sandbox.processes(id));
        t.true(isError(error, 'CONTAINER_NOT_FOUND'), String(error));
      }
      await sandbox.destroy(id, soon());
    }
    await sandbox.close(soon());
    t.deepEqual(subject.remains(opened), []);
    t.is(openFiles(), before);
  });

  test(`${name}: an exec that is aborted while it works leaves no process`, async (t) => {
    const { id, sandbox, run, exec, exit } = await open(t, subject);
    await run(id, programs.forever);
    for (const delay of [0, 2, 5, 9]) {
      const controller = new AbortController();
      const execed = exec(id, programs.forever, controller.signal).then(
        ({ pid }) => pid,
        (error: unknown) => {
          t.true(isError(error, 'CANCELLED'), String(error));
          return undefined;
        },
      );
      await (delay === 0 ? Promise.resolve() : after(delay));
      controller.abort();
      const pid = await execed;
      if (pid === undefined) continue;
      await sandbox.signal(id, { kind: 'process', pid }, 9);
      await exit(id, pid);
    }
    await until(async () => (await sandbox.processes(id)).length === 1, 'processes of aborted execs live on');
  });

  test(`${name}: a destroy during a create stops it, and is not stopped by it`, async (t) => {
    const opened = await open(t, subject);
    const { id, sandbox, create } = opened;
    for (const delay of [0, 4, 12]) {
      const created = create(id, programs.forever).then(
        () => 'created',
        (error: unknown) => (isError(error, 'CANCELLED') ? 'cancelled' : String(error)),
      );
      await (delay === 0 ? Promise.resolve() : after(delay));
      await sandbox.destroy(id, soon());
      const outcome = await created;
      t.true(['created', 'cancelled'].includes(outcome), outcome);
      await sandbox.destroy(id, soon());
    }
    await sandbox.close(soon());
    t.deepEqual(subject.remains(opened), []);
  });
}
