/** What the control methods refuse, on real containers: the message names the thing and its state, and nothing is left. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { namespace } from '../../native/index.ts';
import { defaultSpec } from '../../oci/index.ts';
import { linuxPlatform } from '../../platforms/linux/index.ts';
import { errorCodeOf } from '../../transport/client/index.ts';
import { Supervisor } from '../../actors/supervisor/index.ts';
import { silent } from '../../log/logger.ts';
import { call, createArgs, freshId, forever, real, refusal, rootfs, shell, withSandbox } from './support.ts';

const SIGTERM = 15;

real('ids: wrong characters, twice the same, none', (t) =>
  withSandbox(t, async ({ client, create, id, files }) => {
    t.regex(await refusal(t, create('a/b')), /invalid id "a\/b": "\/" is not allowed/);
    t.regex(await refusal(t, create('..')), /invalid id "..": it names a directory/);
    t.regex(await refusal(t, create('')), /it is empty/);
    t.is(await refusal(t, create('sub')), `cannot create a container in sandbox "${id}" in state empty`);
    await create(id);
    t.is(await refusal(t, create(id)), `container "${id}" already exists`);
    await client.call('runstate.Start', { CID: id });
    await client.call('containerManager.Create', 'sub');
    t.is(await refusal(t, client.call('containerManager.Create', 'sub')), 'container "sub" already exists');
    t.regex(await refusal(t, client.call('containerManager.Create', 'a b')), /invalid id/);
    t.is(
      await refusal(
        t,
        client.call('containerManager.Start', { Spec: shell(''), Conf: {}, CID: 'sub' }, { files }),
      ),
      'start arguments must contain stdin, stderr, and stdout followed by at least one file for the container root gofer',
    );
    const Spec = defaultSpec({ args: ['x'], rootfs: 'relative' });
    t.regex(
      await refusal(
        t,
        client.call(
          'containerManager.Start',
          { Spec, Conf: {}, CID: 'sub' },
          { files: [...files, ...files.slice(2)] },
        ),
      ),
      /Spec\.root\.path: "relative" is not absolute/,
    );
    t.is(
      await refusal(t, client.call('containerManager.Wait', 'nobody')),
      'container "nobody" does not exist',
    );
  }),
);

real('what was not started is neither waited for, nor signalled, nor entered', (t) =>
  withSandbox(t, async ({ client, create, id, run }) => {
    await create(id);
    const { files } = { files: [] };
    const Process = { args: ['true'], cwd: '/' };
    t.is(await refusal(t, client.call('containerManager.Wait', id)), `container "${id}" not started`);
    t.is(
      await refusal(t, client.call('containerManager.WaitPID', { CID: id, PID: 1 })),
      `waiting for PID 1: container "${id}" not started`,
    );
    t.is(
      await refusal(t, client.call('runstate.Execute', { CID: id, Process, ConsoleSocket: '' }, { files })),
      `container "${id}" not started`,
    );
    await client.call('runstate.Start', { CID: id });
    t.is(
      await refusal(t, client.call('runstate.Start', { CID: id })),
      `cannot start container "${id}" in state running`,
    );
    await run('sub', 'exit 0');
    await client.call('containerManager.Wait', 'sub');
    t.is(
      await refusal(
        t,
        client.call('containerManager.Signal', { CID: 'sub', Signo: SIGTERM, PID: 0, Mode: 0 }),
      ),
      'cannot signal container "sub" in state stopped: container not running',
    );
    t.regex(
      await refusal(t, client.call('runstate.Execute', { CID: 'sub', Process, ConsoleSocket: '' })),
      /in state stopped/,
    );
  }),
);

real('signals: modes, numbers and pids that are none', (t) =>
  withSandbox(t, async ({ client, id, run }) => {
    await run(id);
    const signal = (Signo: number, PID: number, Mode: number): Promise<string> =>
      refusal(t, client.call('containerManager.Signal', { CID: id, Signo, PID, Mode }));
    t.is(await signal(SIGTERM, -1, 0), 'PID (-1) must be positive');
    t.is(await signal(SIGTERM, 7, 1), 'PID (7) must not be set when signaling all processes');
    t.is(await signal(SIGTERM, 0, 9), 'unknown signal delivery mode: 9');
    t.is(await signal(65, 0, 0), '"65" is no signal');
    t.is(await signal(SIGTERM, 999, 0), `signaling process in container "${id}" PID 999: no such process`);
    t.regex(await signal(SIGTERM, 0, 2), /no foreground process group/);
    t.is(
      await refusal(t, client.call('containerManager.WaitPID', { CID: id, PID: 999 })),
      `container "${id}" has no process 999`,
    );
  }),
);

real('nothing is run in a paused sandbox, and it is not paused twice', (t) =>
  withSandbox(t, async ({ client, id, run, create, files }) => {
    await run(id);
    await run('sub');
    await client.call('containerManager.Pause', null);
    const Process = { args: ['true'], cwd: '/' };
    t.is(
      await refusal(
        t,
        client.call('runstate.Execute', { CID: 'sub', Process, ConsoleSocket: '' }, { files }),
      ),
      'cannot exec in container "sub" in state paused',
    );
    t.is(await refusal(t, create('third')), `cannot create a container in sandbox "${id}" in state paused`);
    t.is(
      await refusal(t, client.call('containerManager.Pause', null)),
      `cannot pause sandbox "${id}" in state paused`,
    );
    t.regex(await refusal(t, client.call('runstate.ResumeContainer', { CID: 'sub' })), /in state paused/);
    await client.call('containerManager.Resume', null);
    t.is(
      await refusal(t, client.call('containerManager.Resume', null)),
      `cannot resume sandbox "${id}" in state running`,
    );
  }),
);

real('commands that do not exist, may not be executed, or are none', (t) =>
  withSandbox(t, async ({ client, id, run, files }) => {
    const create = (args: readonly string[]): Promise<unknown> =>
      client.call('runstate.Create', createArgs(id, defaultSpec({ args, rootfs })), { files });
    const missing = await t.throwsAsync(create(['/bin/nonexistent']));
    t.is(missing.message, 'Failed to load /bin/nonexistent: no such file or directory');
    t.is(errorCodeOf(missing), 'COMMAND_NOT_FOUND');
    t.is(errorCodeOf(await t.throwsAsync(create(['nonexistent']))), 'COMMAND_NOT_FOUND');
    t.is(errorCodeOf(await t.throwsAsync(create(['/etc/passwd']))), 'COMMAND_NOT_EXECUTABLE');
    // The id is free after each failure.
    await run(id);
    const exec = (args: readonly string[]): Promise<unknown> =>
      client.call('runstate.Execute', { CID: id, Process: { args, cwd: '/' }, ConsoleSocket: '' }, { files });
    t.is(errorCodeOf(await t.throwsAsync(exec(['/bin/nonexistent']))), 'COMMAND_NOT_FOUND');
    t.is(errorCodeOf(await t.throwsAsync(exec(['/etc']))), 'COMMAND_NOT_EXECUTABLE');
    await t.throwsAsync(exec([]));
    // Pid 1, the program, and its child.
    t.is((await client.call('containerManager.Processes', id)).length, 3);
  }),
);

real('two starts at once: one wins, and the other is refused', (t) =>
  withSandbox(t, async ({ client, id, create, run }) => {
    await run(id);
    await create('sub');
    const outcomes = await Promise.allSettled([
      client.call('runstate.Start', { CID: 'sub' }),
      client.call('runstate.Start', { CID: 'sub' }),
    ]);
    t.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    t.is((await client.call('runstate.State', { CID: 'sub' })).status, 'running');
  }),
);

real('a destroy during the start overtakes it', (t) =>
  withSandbox(t, async ({ client, id, create, run }) => {
    await run(id);
    await create('sub');
    const started = client.call('runstate.Start', { CID: 'sub' });
    const [start, destroy] = await Promise.allSettled([
      started,
      client.call('containerManager.Destroy', 'sub'),
    ]);
    t.is(destroy.status, 'fulfilled');
    if (start.status === 'rejected') t.regex(String(start.reason), /start container "sub"/);
    t.is(await refusal(t, client.call('runstate.State', { CID: 'sub' })), 'container "sub" does not exist');
    await run('sub');
  }),
);

real('a client that goes away during the creation leaves nothing', (t) =>
  withSandbox(t, async ({ client, id, run, files }) => {
    await run(id);
    const abort = new AbortController();
    const creation = client.call('runstate.Create', createArgs('sub', shell(forever)), {
      files,
      signal: abort.signal,
    });
    setTimeout(() => abort.abort(), 15);
    t.is(errorCodeOf(await t.throwsAsync(creation)), 'CANCELLED');
    for (let i = 0; i < 100 && (await client.call('runstate.List', null)).length > 1; i++)
      await new Promise((resolve) => setTimeout(resolve, 20));
    t.is((await client.call('runstate.List', null)).length, 1);
    await run('sub');
  }),
);

real('a full disk is told, and what could not be made is not half there', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'runstate-full-'));
  namespace.mount('tmpfs', root, 'tmpfs', 0, 'size=16k');
  try {
    const supervisor = new Supervisor({ root, platform: linuxPlatform(), log: silent });
    const id = freshId();
    const error = await t.throwsAsync(async () => {
      const { system } = await supervisor.boot(id, call);
      const { createContainer } = await import('../../actors/operations/create-container.ts');
      const { noFiles } = await import('../../actors/files.ts');
      await createContainer(
        system,
        id,
        { request: { bundle: '/', spec: shell(forever) }, files: noFiles() },
        call,
      );
    });
    t.regex(error.message, /ENOSPC|no space left/i);
    await supervisor.destroyAll(call);
    t.is(supervisor.sandboxes.length, 0);
  } finally {
    namespace.unmount(root);
    rmSync(root, { recursive: true });
  }
});

real('a runtime that is not there is told, with what to install', (t) =>
  withSandbox(
    t,
    async ({ create, id }) => {
      t.regex(
        await refusal(t, create(id)),
        /the OCI runtime "\/no\/runc" was not found: .*apt-get install runc/,
      );
    },
    { platform: linuxPlatform({ runtime: '/no/runc' }) },
  ),
);
