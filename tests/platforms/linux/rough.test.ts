/** What must hold when things go wrong: aborts at any moment, runaway programs, failing runtimes, dead supervisors. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { isError } from '../../../errors/index.ts';
import { destroyLeftovers, linuxPlatform } from '../../../platforms/linux/index.ts';
import { script } from './support/bad-runtime.ts';
import { openFiles, remainsOf, stateOf, zombies } from './support/remains.ts';
import { open, shellProcess, sharedRootfs, soon, until, whyNot } from './support/sandbox.ts';

const serial = whyNot() === undefined ? test.serial : test.serial.skip;

serial('a create aborted at any moment leaves nothing, and its id can be used again', async (t) => {
  const before = openFiles();
  const opened = await open(t);
  const { id, sandbox, create } = opened;
  for (let delay = 0; delay <= 30; delay += 2) {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), delay);
    try {
      await create(id, 'sleep 100', { signal: controller.signal });
    } catch (error) {
      t.true(isError(error, 'CANCELLED'), String(error));
    }
    await sandbox.destroy(id, soon());
  }
  await sandbox.close(soon());
  t.deepEqual(remainsOf(opened), []);
  t.is(openFiles(), before);
  t.true(opened.exits.every(({ status }) => status.kind === 'signaled'));
});

serial('a destroy during a create stops it', async (t) => {
  const opened = await open(t);
  const { id, sandbox, create } = opened;
  for (const delay of [0, 3, 10, 18]) {
    const created = create(id, 'sleep 100').then(
      () => 'created',
      (error: unknown) => (isError(error, 'CANCELLED') ? 'cancelled' : String(error)),
    );
    await after(delay);
    await sandbox.destroy(id, soon());
    t.true(['created', 'cancelled'].includes(await created), await created);
    await sandbox.destroy(id, soon());
  }
  await sandbox.close(soon());
  t.deepEqual(remainsOf(opened), []);
});

serial('an exec whose container is killed under it, at any moment, has started or is told so', async (t) => {
  const opened = await open(t);
  const { id, sandbox, run } = opened;
  const outcomes = new Set<string>();
  for (let delay = 0; delay <= 60; delay += 3) {
    await run(id, 'sleep 100');
    const executed = sandbox.exec(id, { process: shellProcess('true'), files: [] }, soon()).then(
      () => 'started',
      (error: unknown) => (isError(error, 'OPERATION_FAILED') ? error.message : String(error)),
    );
    await after(delay);
    await sandbox.signal(id, { kind: 'init' }, 9);
    outcomes.add(await executed);
    await sandbox.destroy(id, soon());
  }
  const ended = `cannot exec in container "${id}": its program has ended`;
  t.deepEqual([...outcomes].sort(), [ended, 'started'].sort());
  await sandbox.close(soon());
  t.deepEqual(remainsOf(opened), []);
});

serial('what is killed just before it is frozen is gone when its end is told, and not before', async (t) => {
  const opened = await open(t);
  const { id, sandbox, run, exec, exits } = opened;
  for (let delay = 0; delay < 24; delay++) {
    await run(id, 'sleep 100');
    await Promise.all([1, 2, 3].map(() => exec(id, 'sleep 100')));
    const told = exits.filter(({ pid }) => pid === undefined).length;
    const isTold = (): boolean => exits.filter(({ pid }) => pid === undefined).length > told;
    const killed = sandbox.signal(id, { kind: 'init' }, 9);
    await after(delay / 8);
    await sandbox.freeze(id, soon());
    await killed;
    await after(50);
    const { init } = await sandbox.inspection.observe(id);
    if (init === 'gone') await until(isTold, `after ${delay / 8} ms it is gone, and nobody is told`);
    await sandbox.thaw(id, soon());
    await until(isTold, `after ${delay / 8} ms it was killed, and its end is not told`);
    await sandbox.destroy(id, soon());
  }
  await sandbox.close(soon());
  t.deepEqual(remainsOf(opened), []);
});

serial('an exec aborted at any moment leaves no process, and does not keep init from ending', async (t) => {
  const before = openFiles();
  const opened = await open(t);
  const { id, sandbox, run, exit, exits } = opened;
  await run(id, 'sleep 100');
  const alone = (await sandbox.processes(id)).length;
  for (let delay = 0; delay <= 24; delay += 1) {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), delay);
    const request = { process: shellProcess('sleep 100'), files: [] };
    try {
      const { pid } = await sandbox.exec(id, request, controller.signal);
      await sandbox.signal(id, { kind: 'process', pid }, 9);
      await exit(id, pid);
    } catch (error) {
      t.true(isError(error, 'CANCELLED'), String(error));
    }
  }
  await until(
    async () => (await sandbox.processes(id)).length === alone,
    'processes of aborted execs live on',
  );
  await until(() => zombies().length === 0, 'orphans are not reaped');
  await sandbox.signal(id, { kind: 'init' }, 9);
  await exit(id);
  t.is(new Set(exits.map(({ pid }) => pid)).size, exits.length);
  await sandbox.close(soon());
  t.deepEqual(remainsOf(opened), []);
  t.is(openFiles(), before);
});

serial('a destroy does not wait for an exec that is under way', async (t) => {
  const { id, sandbox, run, exec } = await open(t);
  await run(id, 'sleep 100');
  const execs = [1, 2, 3].map(() =>
    exec(id, 'sleep 100').then(
      () => 'started',
      (error: unknown) => (isError(error, 'CANCELLED') ? 'cancelled' : String(error)),
    ),
  );
  await after(5);
  await sandbox.destroy(id, soon());
  for (const outcome of await Promise.all(execs)) t.true(['started', 'cancelled'].includes(outcome), outcome);
});

serial('a fork bomb is bounded by its limit, and destroyed', async (t) => {
  const opened = await open(t);
  const { id, sandbox, run } = opened;
  await run(id, 'f() { f | f & }; f; while :; do f; done 2>/dev/null', {
    change: (spec) => ({ ...spec, linux: { ...spec.linux, resources: { pids: { limit: 50 } } } }),
  });
  await after(300);
  const { current } = (await sandbox.stats(id)).pids;
  t.true(current <= 50n, String(current));
  await sandbox.close(soon());
  t.deepEqual(remainsOf(opened), []);
});

serial('orphans of a container with the host’s pids are reaped, and it is destroyed with them', async (t) => {
  const opened = await open(t);
  const { id, sandbox, run, output } = opened;
  await run(id, 'sleep 100', {
    change: (spec) => ({
      ...spec,
      linux: {
        ...spec.linux,
        namespaces: spec.linux?.namespaces?.filter(({ type }) => type !== 'pid') ?? [],
      },
    }),
  });
  await output(
    id,
    '(sleep 0.1 &); (setsid sleep 0.15 &); (sh -c "sleep 0.2; exit 3" &); (setsid sleep 1000 &)',
  );
  await after(400);
  await until(() => zombies().length === 0, 'orphans are not reaped');
  t.true((await sandbox.processes(id)).length >= 2);
  await sandbox.close(soon());
  t.deepEqual(remainsOf(opened), []);
});

serial('a runtime that is missing, fails or hangs is told of, and leaves nothing', async (t) => {
  const missing = await open(t, '/no/such/runtime');
  const none = await t.throwsAsync(missing.create(missing.id, 'true'));
  t.true(isError(none, 'RUNTIME_MISSING'), String(none));

  const noProgram = await open(t, import.meta.filename);
  const notExecutable = await t.throwsAsync(noProgram.create(noProgram.id, 'true'));
  t.true(isError(notExecutable, 'RUNTIME_NOT_EXECUTABLE'), String(notExecutable));

  const failing = await open(
    t,
    script(t, 'echo "{\\"level\\":\\"error\\",\\"msg\\":\\"no luck today\\"}" > "$4"; exit 4'),
  );
  const failed = await t.throwsAsync(failing.create(failing.id, 'true'));
  t.true(isError(failed, 'RUNTIME_FAILED'), String(failed));
  t.regex(failed.message, /create exit code 4: no luck today$/);

  const hanging = await open(t, script(t, 'sleep 1000 & wait'));
  const began = performance.now();
  const hung = await t.throwsAsync(hanging.create(hanging.id, 'true', { signal: soon(100) }));
  t.true(isError(hung, 'CANCELLED'), String(hung));
  t.true(performance.now() - began < 2000);

  for (const opened of [missing, failing, hanging]) {
    await opened.sandbox.close(soon());
    t.deepEqual(remainsOf(opened), []);
  }
});

serial('a sandbox that cannot be opened leaves nothing', async (t) => {
  const before = openFiles();
  const directory = '/etc/passwd/no-such';
  const listener = { exited: () => undefined, oomKilled: () => undefined };
  const error = await t.throwsAsync(
    linuxPlatform().openSandbox({ id: 'test-unopened', directory }, listener, soon()),
  );
  t.true(isError(error, 'SYSTEM'), String(error));
  t.deepEqual(remainsOf({ id: 'test-unopened', directory }), []);
  t.is(openFiles(), before);
});

serial('what a killed supervisor leaves is cleared: also what it left frozen', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'rs-left-'));
  const id = `test-left-${process.pid}`;
  const program = fileURLToPath(new URL('support/supervisor.js', import.meta.url));
  const child = spawn(process.execPath, [program, id, directory, await sharedRootfs()], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as unknown[];
  const pids: unknown = JSON.parse(String(line));
  t.true(Array.isArray(pids));
  child.kill('SIGKILL');
  await once(child, 'exit');
  await destroyLeftovers(directory, id);
  await destroyLeftovers(directory, id);
  t.false(existsSync(directory));
  for (const pid of Array.isArray(pids) ? pids : [])
    t.true([undefined, 'Z'].includes(stateOf(Number(pid))), `process ${String(pid)} lives`);
  t.deepEqual(
    remainsOf({ id, directory }).filter((one) => !one.startsWith('zombie')),
    [],
  );
});
