import { execFile } from 'node:child_process';
import { setTimeout as after } from 'node:timers/promises';
import { promisify } from 'node:util';
import test from 'ava';
import { RunstateError } from '../../errors/index.ts';
import { files, sockets } from '../../native/index.ts';
import { createClient } from '../../transport/client/index.ts';
import type { SocketAddress } from '../../transport/address.ts';
import { ControlServer, type Handlers } from '../../transport/server/index.ts';
import { RawClient, ok, openFiles, request, serve, until } from './support.ts';

const exec = request('containerManager.ExecuteAsync', { ContainerID: 'c' });

/** Wait answers when its call is aborted, or when told. */
function waiting(): { handlers: Handlers; aborted: string[]; release: () => void; running: () => number } {
  const aborted: string[] = [];
  const releases: (() => void)[] = [];
  let running = 0;
  return {
    aborted,
    running: () => running,
    release: () => releases.splice(0).forEach((one) => one()),
    handlers: {
      'containerManager.Wait': (cid, { signal }) =>
        new Promise((resolve, reject) => {
          running++;
          releases.push(() => {
            running--;
            resolve(cid.length);
          });
          signal.addEventListener('abort', () => {
            running--;
            aborted.push(cid);
            reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
          });
        }),
      'containerManager.ExecuteAsync': (_, call) =>
        new Promise((resolve) => {
          call.signal.addEventListener('abort', () => resolve(call.files.length));
        }),
      'containerManager.Create': () => null,
    },
  };
}

test.serial('1,000 clients that die in the middle of a message cost nothing', async (t) => {
  const { handlers } = waiting();
  const served = await serve(t, handlers);
  await served.client.call('containerManager.Create', 'x');
  const before = openFiles();
  for (let i = 0; i < 1000; i++) {
    const client = new RawClient(served.path);
    await client.send(exec.slice(0, 1 + (i % (exec.length - 1))), [0, 0]);
    client.close();
  }
  await until(() => served.server.connections === 1, 'connections were left');
  t.is(openFiles(), before);
  await served.client.call('containerManager.Create', 'x');
});

test.serial(
  '1,000 clients that leave before their reply have their calls aborted and files closed',
  async (t) => {
    const { handlers } = waiting();
    const served = await serve(t, handlers);
    await served.client.call('containerManager.Create', 'x');
    const before = openFiles();
    for (let i = 0; i < 1000; i++) {
      const client = new RawClient(served.path);
      await client.send(exec, [0, 0]);
      if (i % 3 === 0) await new Promise(setImmediate);
      if (i % 3 === 1) await client.send(request('containerManager.Create', 'pipelined'));
      client.close();
    }
    await until(() => served.server.connections === 1, 'connections were left');
    t.is(openFiles(), before);
  },
);

test.serial('a client that hangs up aborts its call, also with a request waiting behind it', async (t) => {
  const { handlers, aborted, running } = waiting();
  const served = await serve(t, handlers);
  for (const behind of ['', request('containerManager.Create', 'x')]) {
    const client = new RawClient(served.path);
    await client.send(request('containerManager.Wait', `w${behind.length}`));
    await until(() => running() === 1);
    await client.send(behind);
    await after(20);
    t.is(running(), 1);
    client.close();
    await until(() => running() === 0, 'the call was not aborted');
  }
  t.is(aborted.length, 2);
});

test.serial('a half-closed client keeps its call, until it goes', async (t) => {
  const { handlers, running } = waiting();
  const served = await serve(t, handlers);
  const client = new RawClient(served.path);
  await client.send(request('containerManager.Wait', 'x'));
  sockets.shutdown(client.fd, 'write');
  await after(100);
  t.is(running(), 1);
  client.close();
  await until(() => running() === 0, 'the call was not aborted');
});

test.serial('calls of one connection are serial, of different ones concurrent', async (t) => {
  const { handlers, release, running } = waiting();
  const served = await serve(t, handlers);
  const one = new RawClient(served.path);
  await one.send(request('containerManager.Wait', 'a') + request('containerManager.Create', 'x'));
  const others = ['ab', 'abc'].map((cid) => served.client.call('containerManager.Wait', cid));
  await until(() => running() === 3);
  await served.client.call('containerManager.Create', 'x');
  one.read();
  t.is(one.text, '');
  t.deepEqual(
    served.server.calls.map(({ method }) => method),
    Array<string>(3).fill('containerManager.Wait'),
  );
  release();
  t.deepEqual(await Promise.all(others), [2, 3]);
  t.deepEqual(await one.replies(2), [ok(1), ok()]);
  one.close();
});

test.serial('a slow reader holds up nobody, and gets its reply whole', async (t) => {
  const cmd = 'x'.repeat(4_000_000);
  const served = await serve(t, {
    'containerManager.Processes': () => [
      { uid: 0, pid: 1, ppid: 0, c: 0, stime: '', time: '', threads: [1], tty: '?', cmd },
    ],
    'containerManager.Create': () => null,
  });
  const slow = new RawClient(served.path);
  await slow.send(request('containerManager.Processes', '').repeat(2));
  await after(30);
  // Nobody reads its replies yet: what waited for that would wait for ever.
  for (let i = 0; i < 50; i++) await served.client.call('containerManager.Create', 'x');
  const replies = await slow.replies(2);
  await until(() => {
    slow.read();
    return slow.text.length > 8_000_000;
  });
  t.is(replies.length, 2);
  t.true(slow.text.endsWith('xx"}]}'));
  slow.close();
});

test.serial('stop closes idle connections at once and the others after their reply', async (t) => {
  const { handlers, release, running } = waiting();
  const served = await serve(t, handlers);
  const idle = new RawClient(served.path);
  const busy = new RawClient(served.path);
  await busy.send(
    request('containerManager.Wait', 'abc') + request('containerManager.Create', 'not any more'),
  );
  await idle.send(request('containerManager.Create', 'x'));
  await idle.replies(1);
  await until(() => running() === 1);
  const stopped = served.server.stop({ timeout: 5000 });
  await idle.closed();
  t.throws(() => new RawClient(served.path), { code: 'ENOENT' });
  t.is(running(), 1);
  release();
  await busy.closed();
  t.is(busy.text, ok(3));
  await stopped;
  t.is(served.server.connections, 0);
  idle.close();
  busy.close();
});

test.serial('a call that outlasts the timeout of stop is aborted, and still answers', async (t) => {
  const { handlers, aborted } = waiting();
  const served = await serve(t, handlers);
  const busy = new RawClient(served.path);
  await busy.send(request('containerManager.Wait', 'abc'));
  await until(() => served.server.calls.length === 1);
  const begun = performance.now();
  await served.server.stop({ timeout: 100 });
  t.true(performance.now() - begun < 600);
  t.deepEqual(aborted, ['abc']);
  await busy.closed();
  t.true(busy.text.includes('call of method \\"containerManager.Wait\\" was cancelled'), busy.text);
  busy.close();
});

test.serial('a call that ignores its signal does not keep stop from ending', async (t) => {
  const served = await serve(t, { 'containerManager.Wait': () => new Promise<number>(() => undefined) });
  const busy = new RawClient(served.path);
  await busy.send(request('containerManager.Wait', 'abc'));
  await until(() => served.server.calls.length === 1);
  const begun = performance.now();
  await served.server.stop({ timeout: 0 });
  t.true(performance.now() - begun < 2000);
  await busy.closed();
  busy.close();
});

test.serial('a handler’s bug is an error reply, and the server goes on', async (t) => {
  const served = await serve(t, {
    'containerManager.Create': () => {
      throw new TypeError('a bug');
    },
    'containerManager.Wait': () => NaN,
    'containerManager.WaitPID': () => Promise.reject(new Error('late')),
  });
  await t.throwsAsync(served.client.call('containerManager.Create', ''), {
    message: 'a bug',
    code: 'REMOTE',
  });
  await t.throwsAsync(served.client.call('containerManager.Wait', ''), { message: 'NaN is no JSON' });
  await t.throwsAsync(served.client.call('containerManager.WaitPID', { PID: 1, CID: '' }), {
    message: 'late',
  });
});

test.serial('an error whose parameters are no JSON is told without them, and ends nothing', async (t) => {
  const served = await serve(t, {
    'containerManager.Create': () => {
      throw new RunstateError('PROCESS_NOT_FOUND', { cid: 'c', pid: NaN });
    },
    'containerManager.Wait': () =>
      Promise.reject(new RunstateError('PROCESS_NOT_FOUND', { cid: 'c', pid: Infinity })),
  });
  await t.throwsAsync(served.client.call('containerManager.Create', ''), { message: /has no process NaN/ });
  await t.throwsAsync(served.client.call('containerManager.Wait', ''), {
    message: /has no process Infinity/,
  });
  await t.throwsAsync(served.client.call('containerManager.Create', ''), { message: /has no process NaN/ });
});

test.serial(
  'an abstract name that somebody else has does not keep a server from its other addresses',
  async (t) => {
    const name: SocketAddress = { kind: 'abstract', name: `runsc-sandbox.taken-${process.pid}` };
    const one = await ControlServer.listen([name], { handlers: {} });
    t.teardown(() => one.stop({ timeout: 1000 }));
    await t.throwsAsync(ControlServer.listen([name], { handlers: {} }), { message: /another server/ });
    const served = await serve(t, waiting().handlers);
    const path = `${served.path}-too`;
    const two = await ControlServer.listen([name, { kind: 'path', path }], { handlers: waiting().handlers });
    t.teardown(() => two.stop({ timeout: 1000 }));
    const client = createClient({ kind: 'path', path });
    t.teardown(() => client.close());
    t.is(await client.call('containerManager.Create', 'x'), null);
  },
);

const asRoot = process.getuid?.() === 0 ? test.serial : test.serial.skip;
if (process.getuid?.() !== 0) console.log('a test with another mount namespace is skipped: not root');

asRoot(
  'by an abstract name nobody is let in who lives in another mount namespace, as a container does',
  async (t) => {
    const name: SocketAddress = { kind: 'abstract', name: `runsc-sandbox.mounts-${process.pid}` };
    const server = await ControlServer.listen([name], { handlers: waiting().handlers });
    t.teardown(() => server.stop({ timeout: 1000 }));
    const library = new URL('../../transport/client/index.js', import.meta.url).href;
    const script = `
    const { createClient } = await import(${JSON.stringify(library)});
    const client = createClient({ kind: 'abstract', name: ${JSON.stringify(name.name)} });
    const said = await client.call('containerManager.Create', 'x').then(() => 'let in', (error) => error.code);
    console.log(said);
    client.close();
  `;
    const asked = async (...before: readonly [string, ...string[]]): Promise<string> => {
      const [program, ...args] = [...before, process.execPath, '--input-type=module', '-e', script];
      const { stdout } = await promisify(execFile)(program, args, { timeout: 20_000 });
      return stdout.trim();
    };
    t.is(await asked('unshare', '--mount'), 'CONNECTION');
    t.is(await asked('env'), 'let in');
  },
);

test.serial('a full backlog is waited for, but not longer than asked', async (t) => {
  const served = await serve(t, { 'containerManager.Create': () => null });
  const path = `${served.path}2`;
  const listener = sockets.listen(path, 0);
  const taken = [sockets.connect(path)];
  const impatient = createClient(path, { connectTimeout: 50 });
  await t.throwsAsync(impatient.call('containerManager.Create', ''), {
    code: 'CONNECTION',
    message: /EAGAIN/,
  });
  const patient = createClient(path).call('containerManager.Create', '');
  await after(30);
  const [first, second] = [sockets.accept(listener), undefined];
  t.not(first, second);
  let server: number | undefined;
  await until(() => {
    server = sockets.accept(listener);
    return server !== undefined;
  });
  const into = Buffer.alloc(200);
  await until(() => typeof sockets.receive(server ?? -1, into, []) === 'number');
  sockets.send(server ?? -1, Buffer.from(ok()));
  t.is(await patient, null);
  for (const fd of [listener, ...taken, first ?? -1, server ?? -1]) files.close(fd);
});
