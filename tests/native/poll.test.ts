import { Worker } from 'node:worker_threads';
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import test from 'ava';
import { Watch, builtFile, files, isSystemError, sockets } from '../../native/index.ts';

test('tells of readability until it was read, and not after close', async (t) => {
  const { read, write } = files.pipe();
  let told = 0;
  const watch = new Watch(read, { readable: () => told++ });
  await turn();
  files.write(write, Buffer.from('x'));
  await turn();
  await turn();
  t.is(told, 0, 'nothing was wanted');
  watch.want({ readable: true });
  await new Promise((resolve) => setTimeout(resolve, 20));
  t.true(told > 1, 'level-triggered');
  watch.close();
  watch.close();
  const before = told;
  files.close(read);
  await turn();
  await turn();
  t.is(told, before);
  files.close(write);
});

test('tells of writability only while there is room', async (t) => {
  const [left, right] = sockets.socketPair();
  const chunk = new Uint8Array(1 << 16);
  while (sockets.send(left, chunk) !== undefined);
  let writable = 0;
  using watch = new Watch(left, {
    writable: () => {
      writable++;
      watch.want({});
    },
  });
  watch.want({ writable: true });
  await new Promise((resolve) => setTimeout(resolve, 20));
  t.is(writable, 0);
  const got: number[] = [];
  while (typeof sockets.receive(right, chunk, got) === 'number');
  await new Promise((resolve) => setTimeout(resolve, 20));
  t.is(writable, 1);
  watch.close();
  for (const fd of [left, right]) files.close(fd);
});

test('a handler may close its own watch and descriptor, and the number can be used again', async (t) => {
  const first = files.pipe();
  files.write(first.write, Buffer.from('x'));
  const reused = await new Promise<number>((resolve) => {
    const watch = new Watch(first.read, {
      readable: () => {
        watch.close();
        files.close(first.read);
        resolve(files.duplicate(first.write));
      },
    });
    watch.want({ readable: true });
  });
  t.is(reused, first.read);
  const again = new Watch(reused, {});
  again.close();
  files.close(reused);
  files.close(first.write);
});

test('promises of a handler run before the next event', async (t) => {
  const { read, write } = files.pipe();
  const order: string[] = [];
  const done = new Promise<void>((resolve) => {
    const watch = new Watch(read, {
      readable: () => {
        order.push('handler');
        void Promise.resolve().then(() => order.push('promise'));
        if (order.length < 4) return;
        watch.close();
        resolve();
      },
    });
    watch.want({ readable: true });
  });
  files.write(write, Buffer.from('x'));
  await done;
  t.deepEqual(order.slice(0, 4), ['handler', 'promise', 'handler', 'promise']);
  files.close(read);
  files.close(write);
});

test('a regular file cannot be watched', (t) => {
  const { write } = files.pipe();
  const error = t.throws(() => new Watch(-1, {}));
  t.true(isSystemError(error, 'EBADF'), String(error));
  files.close(write);
});

test('a worker that still watches ends cleanly', async (t) => {
  const worker = new Worker(
    `const { createRequire } = require('node:module');
     const addon = require(${JSON.stringify(builtFile('runstate.node'))});
     const [read, write] = addon.pipe(false);
     const watch = addon.watchOpen(read, () => {});
     addon.watchSet(watch, 1);
     setTimeout(() => process.exit(7), 20);`,
    { eval: true },
  );
  t.deepEqual(await once(worker, 'exit'), [7]);
});
