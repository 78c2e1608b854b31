/** What goes wrong is an error of one class, with a code, that names the thing and its state. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RunstateError, Sandbox, errorCodeOf } from 'runstate';
import type { ExecutionContext } from 'ava';
import type { SandboxOptions } from 'runstate';
import { real, sandboxesIn, withPlace } from './support.ts';

/** The code and the message of a rejection. */
async function failure(t: ExecutionContext, asked: Promise<unknown>): Promise<readonly [string, string]> {
  const error = await t.throwsAsync(asked, { instanceOf: RunstateError });
  return [errorCodeOf(error) ?? '', error.message];
}

real('of a creation: nothing is left, and the id is free', (t) =>
  withPlace(t, 'create-errors', async ({ create, root, id, directory }) => {
    for (const bad of ['a/b', '..', '', 'ä', 'a b'])
      t.is((await failure(t, create({ id: bad })))[0], 'INVALID_ID', bad);
    t.deepEqual(await failure(t, create({ args: ['/bin/nonexistent'] })), [
      'COMMAND_NOT_FOUND',
      'Failed to load /bin/nonexistent: no such file or directory',
    ]);
    t.is((await failure(t, create({ args: ['/etc/passwd'] })))[0], 'COMMAND_NOT_EXECUTABLE');
    const nowhere = join(directory, 'nowhere');
    const [code, message] = await failure(t, create({ rootfs: nowhere }));
    t.is(code, 'BUNDLE');
    t.true(message.includes(nowhere), message);
    writeFileSync(join(directory, 'no.tar'), 'this is no archive');
    t.is((await failure(t, create({ rootfs: join(directory, 'no.tar') })))[0], 'ARCHIVE');
    // As a program in JavaScript may.
    const without: unknown = { root };
    t.is((await failure(t, Sandbox.create(without as SandboxOptions)))[0], 'INVALID_ARGUMENT');
    t.is((await failure(t, create({ runtime: '/no/runc' })))[0], 'RUNTIME_MISSING');
    t.is((await failure(t, create({ cwd: 'relative' })))[0], 'SPEC');
    t.deepEqual(sandboxesIn(root), []);
    await using sandbox = await create();
    const [twice, words] = await failure(t, create());
    t.is(twice, 'SANDBOX_EXISTS');
    t.true(words.startsWith(`sandbox "${id}" already exists`), words);
    t.is((await sandbox.root.state()).status, 'running');
  }),
);

real('of containers and processes', (t) =>
  withPlace(t, 'errors', async ({ create, id }) => {
    await using sandbox = await create();
    const { root } = sandbox;
    const missing = await t.throwsAsync(root.exec(['nonexistent']), { instanceOf: RunstateError });
    t.is(errorCodeOf(missing), 'COMMAND_NOT_FOUND');
    // What a shell would exit with.
    t.is(missing.exitCode, 127);
    const directory = await t.throwsAsync(root.exec(['/etc']), { instanceOf: RunstateError });
    t.deepEqual([errorCodeOf(directory), directory.exitCode], ['COMMAND_NOT_EXECUTABLE', 126]);
    t.is((await failure(t, root.exec([])))[0], 'INVALID_ARGUMENT');
    t.deepEqual(await failure(t, root.signal('NOSUCH')), ['BAD_SIGNAL', '"NOSUCH" is no signal']);
    t.is((await failure(t, sandbox.run(['/bin/true'], { id })))[0], 'CONTAINER_EXISTS');
    // It was not the root's to lose.
    t.true(existsSync((await root.state()).bundle));
    t.is((await failure(t, sandbox.run(['/bin/nonexistent'])))[0], 'COMMAND_NOT_FOUND');
    t.deepEqual(await failure(t, sandbox.container('nobody').state()), [
      'CONTAINER_NOT_FOUND',
      'container "nobody" does not exist',
    ]);
    await sandbox.pause();
    t.deepEqual(await failure(t, root.exec(['/bin/true'])), [
      'WRONG_STATE',
      `cannot exec in container "${id}" in state paused`,
    ]);
    t.is((await failure(t, sandbox.run(['/bin/true'])))[0], 'WRONG_STATE');
    t.deepEqual(await failure(t, sandbox.pause()), [
      'WRONG_STATE',
      `cannot pause sandbox "${id}" in state paused`,
    ]);
    await sandbox.resume();
    const done = await sandbox.run(['/bin/true']);
    await done.wait();
    t.is((await failure(t, done.signal('TERM')))[0], 'WRONG_STATE');
    t.is((await failure(t, done.exec(['/bin/true'])))[0], 'WRONG_STATE');
    t.is((await sandbox.containers()).length, 2);
  }),
);

real('of a sandbox that is not there, or not any more', (t) =>
  withPlace(t, 'absent', async ({ create, root, id }) => {
    t.deepEqual(await failure(t, Sandbox.connect(id, { root })), [
      'SANDBOX_NOT_FOUND',
      `sandbox "${id}" does not exist in ${root}`,
    ]);
    const sandbox = await create();
    const other = await Sandbox.connect(id, { root });
    await sandbox.destroy();
    // Also by a `finally` that does it once more.
    await sandbox.destroy();
    for (const asked of [sandbox.root.state(), other.root.state(), other.pause()])
      t.is((await failure(t, asked))[0], 'CONNECTION');
    other.close();
    t.is((await failure(t, Sandbox.connect(id, { root })))[0], 'SANDBOX_NOT_FOUND');
  }),
);
