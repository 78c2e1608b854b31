import { readFileSync, statSync } from 'node:fs';
import test from 'ava';
import { files } from '../../native/index.ts';
import { WithFiles, type Call, type Handlers } from '../../transport/server/index.ts';
import { RawClient, ok, openFiles, request, serve, until } from './support.ts';

const exec = (more: Record<string, unknown> = {}): string =>
  request('containerManager.ExecuteAsync', { ContainerID: 'c', ...more });

/** Answers how many files came, and sends as many back as argv says. */
const handlers: Handlers = {
  'containerManager.ExecuteAsync': ({ argv, filename }, call) => {
    const back = Array.from({ length: Number(argv[0] ?? 0) }, () => files.duplicate(0));
    if (filename === 'fail') {
      for (const fd of back) files.close(fd);
      throw new Error('failed');
    }
    return new WithFiles(call.files.length, back);
  },
  'containerManager.Wait': (cid) => cid.length,
};

const execArgs = {
  filename: '',
  argv: [] as string[],
  envv: [] as string[],
  wd: '',
  KUID: 0,
  KGID: 0,
  ExtraKGIDs: [],
  Capabilities: null,
  StdioIsPty: false,
  ContainerID: 'c',
};

for (const count of [0, 1, 2, 127, 128]) {
  for (const size of [0, 3_000_000]) {
    test.serial(`${count} files each way, with a body of ${size} bytes, and none is left open`, async (t) => {
      const served = await serve(t, handlers);
      await served.client.call('containerManager.Wait', 'connected');
      const before = openFiles();
      const { result, files: back } = await served.client.callForFiles(
        'containerManager.ExecuteAsync',
        { ...execArgs, argv: [String(count), 'x'.repeat(size)] },
        { files: Array<number>(count).fill(1) },
      );
      t.is(result, count);
      t.is(back.length, count);
      for (const fd of back) {
        t.is(statSync(`/proc/self/fd/${fd}`).ino, statSync('/proc/self/fd/0').ino);
        files.close(fd);
      }
      await until(() => openFiles() === before, 'files were left open');
      await t.throwsAsync(
        served.client.call(
          'containerManager.ExecuteAsync',
          { ...execArgs, filename: 'fail', argv: [String(count)] },
          { files: Array<number>(count).fill(1) },
        ),
        { message: 'failed' },
      );
      t.is(openFiles(), before);
    });
  }
}

test.serial('129 files are refused by the client, and by the server from another client', async (t) => {
  const served = await serve(t, handlers);
  const many = Array<number>(129).fill(0);
  await t.throwsAsync(served.client.call('containerManager.ExecuteAsync', execArgs, { files: many }), {
    code: 'FILES',
    message: 'containerManager.ExecuteAsync: 129 files, at most 128 can be sent',
  });
  const before = openFiles();
  const client = new RawClient(served.path);
  await client.send(exec(), many);
  await client.closed();
  t.true(client.text.includes('more than 128 files came with a message'), client.text);
  client.close();
  await until(() => openFiles() === before, 'files were left open');
});

test.serial('files that come in several pieces of one message are 128 at most', async (t) => {
  const served = await serve(t, handlers);
  const before = openFiles();
  const client = new RawClient(served.path);
  await client.send(' ', Array<number>(100).fill(0));
  await new Promise((resolve) => setTimeout(resolve, 20));
  await client.send(exec(), Array<number>(29).fill(0));
  await client.closed();
  t.true(client.text.includes('more than 128 files'), client.text);
  client.close();
  await until(() => openFiles() === before, 'files were left open');
});

test.serial('white space before a message may carry its files', async (t) => {
  const served = await serve(t, handlers);
  const client = new RawClient(served.path);
  await client.send(' \n', [0, 0]);
  await new Promise((resolve) => setTimeout(resolve, 20));
  await client.send(exec());
  t.deepEqual(await client.replies(1), [ok(2)]);
  await client.send(exec());
  t.deepEqual((await client.replies(2))[1], ok(0));
  client.close();
});

test.serial('files in the middle of a message are nobody’s, and closed', async (t) => {
  const served = await serve(t, handlers);
  await served.client.call('containerManager.Wait', 'x');
  const before = openFiles();
  const client = new RawClient(served.path);
  const message = exec();
  await client.send(message.slice(0, 20), [0]);
  await new Promise((resolve) => setTimeout(resolve, 20));
  await client.send(message.slice(20), [0, 0]);
  t.deepEqual(await client.replies(1), [ok(1)]);
  client.close();
  await until(() => openFiles() === before, 'files were left open');
});

test.serial('files stay with their request when the kernel glues the one before in front', async (t) => {
  const served = await serve(t, handlers);
  const client = new RawClient(served.path);
  // All of this is in the socket before the server reads for the first time.
  await client.send(request('containerManager.Wait', 'a'));
  await client.send(exec(), [0, 0, 0]);
  await client.send(request('containerManager.Wait', 'ab'));
  await client.send(exec(), [0]);
  t.deepEqual(await client.replies(4), [ok(1), ok(3), ok(2), ok(1)]);
  client.close();
});

test.serial('what a handler takes is its own, what it does not is closed', async (t) => {
  let taken = -1;
  let used = '';
  const served = await serve(t, {
    'containerManager.ExecuteAsync': (_, call: Call) => {
      used = call.files.all().join();
      taken = call.files.take(1);
      t.throws(() => call.files.take(1), { message: 'file 1 was taken already' });
      t.throws(() => call.files.get(9), { message: 'file 9 was not sent (3 were)' });
      return Promise.reject(new Error('after taking'));
    },
  });
  const { read, write } = files.pipe();
  const before = openFiles();
  await t.throwsAsync(
    served.client.call('containerManager.ExecuteAsync', execArgs, { files: [0, write, 0] }),
    { message: 'after taking' },
  );
  t.is(used.split(',').length, 3);
  t.is(files.write(taken, Buffer.from('x')), 1);
  t.is(files.read(read, Buffer.alloc(4)), 1);
  // The connections of server and client stay; of the three files one.
  t.is(openFiles(), before + 3);
  for (const fd of [taken, read, write]) files.close(fd);
});

test.serial('a method that takes no files refuses them, and closes them', async (t) => {
  const served = await serve(t, handlers);
  await served.client.call('containerManager.Wait', 'x');
  const before = openFiles();
  await t.throwsAsync(served.client.call('containerManager.Wait', 'x', { files: [0, 0] }), {
    message: 'containerManager.Wait takes 0 files, 2 came',
  });
  const client = new RawClient(served.path);
  await client.send(request('no.Such', null), [0, 0]);
  t.is((await client.replies(1)).length, 1);
  client.close();
  await until(() => openFiles() === before, 'files were left open');
});

test.serial('Start wants four files, after what else may be missing', async (t) => {
  const served = await serve(t, { 'containerManager.Start': () => null });
  const client = new RawClient(served.path);
  const start = (arg: unknown): string => request('containerManager.Start', arg);
  const Spec = { ociVersion: '1.0.0' };
  await client.send(
    start(null) + start({ Spec }) + start({ Spec, Conf: {} }) + start({ Spec, Conf: {}, CID: 'c' }),
  );
  const errors = (await client.replies(4)).map((text) => /"err":"(.*?)"/.exec(text)?.[1]);
  t.deepEqual(errors, [
    'start arguments missing spec',
    'start arguments missing config',
    'start argument missing container ID',
    'start arguments must contain stdin, stderr, and stdout followed by at least one file for the container root gofer',
  ]);
  await client.send(start({ Spec, Conf: {}, CID: 'c' }), [0, 0, 0, 0]);
  t.is((await client.replies(5))[4], ok());
  client.close();
});

test.serial(
  'clients that leave while a large reply with files waits for them leave no file open',
  async (t) => {
    const served = await serve(t, {
      'containerManager.Processes': () =>
        new WithFiles(
          [
            {
              uid: 0,
              pid: 1,
              ppid: 0,
              c: 0,
              stime: '',
              time: '',
              cmd: 'x'.repeat(2_000_000),
              threads: [1],
              tty: '?',
            },
          ],
          [0, 1, 2, 3].map(() => files.duplicate(0)),
        ),
    });
    await new Promise(setImmediate);
    const before = openFiles();
    for (let i = 0; i < 50; i++) {
      const client = new RawClient(served.path);
      await client.send(request('containerManager.Processes', ''));
      if (i % 2 === 0) {
        await until(() => {
          client.read();
          return client.text.length > 0;
        });
      }
      client.close();
    }
    await until(() => served.server.connections === 0, 'connections were left');
    t.is(openFiles(), before);
  },
);

test.serial('a reply with a bad descriptor is no reply at all: the connection is closed', async (t) => {
  const served = await serve(t, { 'containerManager.Processes': () => new WithFiles([], [987_654]) });
  await t.throwsAsync(served.client.call('containerManager.Processes', ''), { code: 'CONNECTION' });
  await t.throwsAsync(served.client.call('containerManager.Processes', '', { files: [987_654] }), {
    code: 'EBADF',
  });
  t.is(served.server.connections, 0);
});

test.serial('received descriptors are close-on-exec', async (t) => {
  let flags = '';
  const served = await serve(t, {
    'containerManager.ExecuteAsync': (_, call) => {
      flags = readFileSync(`/proc/self/fdinfo/${call.files.get(0)}`, 'utf8');
      return 1;
    },
  });
  await served.client.call('containerManager.ExecuteAsync', execArgs, { files: [0] });
  t.true((parseInt(/^flags:\s+(\d+)/m.exec(flags)?.[1] ?? '0', 8) & 0o2000000) !== 0);
});
