/** The client by itself, as a program uses it: imported by its public name, its server in another process. */
import { closeSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import test from 'ava';
import { createClient, errorCodeOf, RemoteError, RunstateError } from 'runstate/client';
import { execArgs, startServer } from './support.ts';

const openFiles = (): number => readdirSync('/proc/self/fd').length;

test.serial('files are sent and received, with what is in them', async (t) => {
  const { client } = await startServer(t);
  await client.call('containerManager.Create', 'connected');
  const folder = mkdtempSync(join(tmpdir(), 'rs-client-'));
  const before = openFiles();
  const fd = openSync(join(folder, 'sent'), 'wx+');
  const { result, files } = await client.callForFiles('containerManager.ExecuteAsync', execArgs, {
    files: [fd, 0],
  });
  t.is(result, 2);
  t.is(readFileSync(join(folder, 'sent'), 'utf8'), 'hello wörld');
  const [received = -1, ...more] = files;
  t.deepEqual(more, []);
  t.is(readFileSync(received, 'utf8'), 'hello wörld');
  closeSync(received);
  // Ours is ours still.
  closeSync(fd);
  t.is(openFiles(), before);
  // A caller that does not want the files has none.
  const nothing = openSync('/dev/null', 'r+');
  t.is(await client.call('containerManager.ExecuteAsync', execArgs, { files: [nothing] }), 1);
  closeSync(nothing);
  t.is(openFiles(), before);
  rmSync(folder, { recursive: true });
});

for (const isConnected of [false, true])
  test.serial(
    `calls that are begun close together, ${isConnected ? 'with a connection already' : 'before there is a connection'}, do not meet`,
    async (t) => {
      const { path } = await startServer(t);
      for (let gap = 0; gap <= 12; gap++) {
        const client = createClient(path, { callTimeout: 5000 });
        if (isConnected) await client.call('containerManager.Create', 'x');
        const calls: Promise<unknown>[] = [client.call('containerManager.ExecuteAsync', execArgs)];
        for (let turn = 0; turn < gap; turn++) await Promise.resolve();
        calls.push(client.call('containerManager.Create', 'x'));
        for (let turn = 0; turn < gap; turn++) await Promise.resolve();
        calls.push(client.call('runstate.Stats', { CID: 'c' }));
        const [started, created, stats] = await Promise.all(calls);
        t.is(started, 0, `${gap} turns apart`);
        t.is(created, null);
        t.like(stats, { pids: {} });
        client.close();
      }
    },
  );

const all = (value: bigint) => ({
  PermittedCaps: value,
  InheritableCaps: value,
  EffectiveCaps: value,
  BoundingCaps: value,
  AmbientCaps: value,
});

for (const [name, value] of [
  ['2^53 + 1', 2n ** 53n + 1n],
  ['2^63', 2n ** 63n],
  ['2^64 - 1', 2n ** 64n - 1n],
] as const)
  test.serial(`the integer ${name} goes to the server and comes back exact`, async (t) => {
    const { client } = await startServer(t);
    await client.call('containerManager.ExecuteAsync', { ...execArgs, Capabilities: all(value) });
    const { cpu, memory } = await client.call('runstate.Stats', { CID: 'c' });
    t.is(cpu.usage.total, value);
    t.is(cpu.throttling.throttledTime, value);
    t.is(memory.usage.limit, value);
    t.deepEqual(memory.raw, { value });
  });

test.serial('an integer that does not fit is refused by the server, not cut off', async (t) => {
  const { client } = await startServer(t);
  for (const value of [2n ** 64n, -1n]) {
    const error = await t.throwsAsync(
      client.call('containerManager.ExecuteAsync', { ...execArgs, Capabilities: all(value) }),
      { instanceOf: RemoteError },
    );
    t.is(errorCodeOf(error), 'BAD_ARGUMENT');
    t.regex(error.message, /Capabilities\.PermittedCaps: .* is not an unsigned 64-bit integer/);
  }
});

test.serial('an abort ends the call, here and at the server, and only that one', async (t) => {
  const { client, prints } = await startServer(t);
  const reason = new Error('enough');
  const abort = new AbortController();
  const waiting = client.call('containerManager.Wait', 'a', { signal: abort.signal });
  // Is told, though nobody has looked yet.
  waiting.catch(() => undefined);
  await client.call('containerManager.Create', 'another');
  abort.abort(reason);
  const error = await t.throwsAsync(waiting, { instanceOf: RunstateError, code: 'CANCELLED' });
  t.is(error.message, 'call of method "containerManager.Wait" was cancelled');
  t.is(error.cause, reason);
  await prints('aborted');
  await client.call('containerManager.Create', 'still');
});

test.serial('a signal that was aborted before sends nothing', async (t) => {
  const client = createClient('/nowhere/at/all');
  const error = await t.throwsAsync(
    client.call('containerManager.Wait', 'a', { signal: AbortSignal.abort('before') }),
    { code: 'CANCELLED' },
  );
  t.is(error.cause, 'before');
});

test.serial('a deadline ends the call, here and at the server', async (t) => {
  const { client, prints } = await startServer(t);
  await client.call('containerManager.Create', 'connected');
  const before = openFiles();
  await t.throwsAsync(client.call('containerManager.Wait', 'a', { timeout: 50 }), {
    instanceOf: RunstateError,
    code: 'DEADLINE',
    message: 'cannot call method "containerManager.Wait": not done after 50 ms',
  });
  await prints('aborted');
  t.true(openFiles() <= before);
  await client.call('containerManager.Create', 'still');
});

test.serial(
  'the deadline of all calls is not that of calls which wait for something to happen',
  async (t) => {
    const { client } = await startServer(t, { callTimeout: 200 });
    const waiting = client.call('containerManager.Wait', 'a');
    t.is(await Promise.race([waiting, after(400, 'waits')]), 'waits');
    client.close();
    await t.throwsAsync(waiting, { code: 'CONNECTION', message: /closed/ });
  },
);

test.serial(
  'a server that dies in the middle fails the calls under way, and is found when it is back',
  async (t) => {
    const { client, crash, restart, path } = await startServer(t);
    await client.call('containerManager.Create', 'connected');
    const before = openFiles();
    const waiting = ['a', 'b', 'c'].map((cid) => client.call('containerManager.Wait', cid));
    for (const one of waiting) one.catch(() => undefined);
    await client.call('containerManager.Create', 'all are sent');
    await crash();
    for (const one of waiting) await t.throwsAsync(one, { instanceOf: RunstateError, code: 'CONNECTION' });
    const gone = await t.throwsAsync(client.call('containerManager.Create', 'x'), { code: 'CONNECTION' });
    t.true(gone.message.startsWith(`control socket ${path}: `), gone.message);
    await restart();
    t.is(await client.call('containerManager.Create', 'x'), null);
    // Its handler kills it: the reply never comes.
    await t.throwsAsync(client.call('containerManager.Destroy', 'x'), { code: 'CONNECTION' });
    t.true(openFiles() <= before);
  },
);

test.serial('an idle client does not notice that its server was another meanwhile', async (t) => {
  const { client, restart } = await startServer(t);
  await client.call('containerManager.Create', 'x');
  await restart();
  t.is(await client.call('containerManager.Create', 'x'), null);
});

test.serial('a client that nobody serves says where it looked', async (t) => {
  const client = createClient([
    { kind: 'abstract', name: 'no-such-server' },
    { kind: 'path', path: '/nowhere/control.sock' },
  ]);
  await t.throwsAsync(client.call('containerManager.Resume', null), {
    code: 'CONNECTION',
    message: /^control socket \/nowhere\/control\.sock: .*ENOENT/,
  });
});

test.serial('await using closes it; it connects no more', async (t) => {
  const { client, path } = await startServer(t);
  const before = openFiles();
  {
    await using mine = createClient(path);
    await mine.call('containerManager.Create', 'x');
    t.is(openFiles(), before + 1);
  }
  t.is(openFiles(), before);
  client.close();
  await t.throwsAsync(client.call('containerManager.Create', 'x'), {
    code: 'CONNECTION',
    message: /the client was closed/,
  });
});
