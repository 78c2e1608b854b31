import test, { type ExecutionContext } from 'ava';
import { sockets } from '../../native/index.ts';
import type { Handlers } from '../../transport/server/index.ts';
import { RawClient, ok, request, serve } from './support.ts';

const handlers: Handlers = {
  'containerManager.Create': () => null,
  'containerManager.Wait': (cid) => cid.length,
  'containerManager.Signal': ({ Signo }) => {
    throw new Error(Signo === 0 ? '' : `signal <${Signo}>`);
  },
  'containerManager.Pause': () => Promise.resolve(null),
};

/** What a client that sends these pieces gets, and whether it is cut off after. */
async function exchange(
  t: ExecutionContext,
  pieces: readonly (string | Buffer)[],
  replies: number,
): Promise<string[]> {
  const served = await serve(t, handlers);
  const client = new RawClient(served.path);
  for (const piece of pieces) {
    await client.send(piece);
    await new Promise(setImmediate);
  }
  const got = await client.replies(replies);
  // The connection goes on, or it does not.
  await client.send(request('containerManager.Wait', 'still'));
  const more = await client.replies(replies + 1).catch(() => got);
  client.close();
  return more;
}

const alive = ok(5);
const unknown =
  '{"success":false,"err":"unknown method","result":null,"code":"UNKNOWN_METHOD","params":{"method":';

test('one byte at a time', async (t) => {
  const message = request('containerManager.Wait', 'h\u00e9\u{1f600}"\\');
  t.deepEqual(
    await exchange(
      t,
      [...Buffer.from(message)].map((byte) => Buffer.from([byte])),
      1,
    ),
    [ok(6), alive],
  );
});

test('an escape and a character torn between pieces', async (t) => {
  const message = Buffer.from('{"method":"containerManager.Wait","arg":"\\u00e9\u00e9"}');
  for (let at = message.length - 12; at < message.length; at++) {
    t.deepEqual(await exchange(t, [message.subarray(0, at), message.subarray(at)], 1), [ok(2), alive]);
  }
});

test('pipelined requests are answered one after the other', async (t) => {
  const pipelined = ['a', 'ab', 'abc'].map((arg) => request('containerManager.Wait', arg)).join('');
  t.deepEqual(await exchange(t, [pipelined], 3), [ok(1), ok(2), ok(3), alive]);
  const pauses = request('containerManager.Pause', null).repeat(300);
  t.is((await exchange(t, [pauses], 300)).length, 301);
});

test('a name that no method has, also by its case, the empty one and __proto__', async (t) => {
  t.deepEqual(await exchange(t, ['{"method":"containermanager.wait","arg":"x"}'], 1), [
    `${unknown}"containermanager.wait"}}`,
    alive,
  ]);
  t.deepEqual(await exchange(t, ['{}'], 1), [`${unknown}""}}`, alive]);
  t.deepEqual(await exchange(t, ['null'], 1), [`${unknown}""}}`, alive]);
  t.deepEqual(await exchange(t, ['{"method":"__proto__","arg":{}}'], 1), [`${unknown}"__proto__"}}`, alive]);
  t.deepEqual(await exchange(t, ['{"method":"containerManager.Start"}'], 1), [
    `${unknown}"containerManager.Start"}}`,
    alive,
  ]);
});

test("field names of the envelope in any case, the last duplicate wins, others don't matter", async (t) => {
  t.deepEqual(
    await exchange(
      t,
      [
        '{"METHOD":"x","Method":"containerManager.Wait","__proto__":{"arg":1},"ARG":"x","more":[1e3],"arg":"abc"}',
      ],
      1,
    ),
    [ok(3), alive],
  );
});

test('a missing argument is not a null one', async (t) => {
  const [missing, second] = await exchange(
    t,
    ['{"method":"containerManager.Wait"}', request('containerManager.Wait', null)],
    2,
  );
  t.regex(missing ?? '', /^\{"success":false,"err":"unexpected end of JSON input","result":null/);
  t.is(second, ok(0));
});

test('an argument of the wrong shape names the place and both types', async (t) => {
  const [first, second, third] = await exchange(
    t,
    [
      request('containerManager.Wait', 7),
      request('containerManager.Signal', { Signo: '9' }),
      '{"method":"containerManager.Signal","arg":{"Signo":9.0}}',
    ],
    3,
  );
  t.true(first?.includes('"err":"argument of containerManager.Wait: the number 7 is not a string"'), first);
  t.true(
    second?.includes('argument of containerManager.Signal: Signo: a string is not a 32-bit integer'),
    second,
  );
  t.true(third?.includes('Signo: the number 9.0 is not a 32-bit integer'), third);
});

test('an error may have an empty text; what HTML would take for a tag is escaped', async (t) => {
  const [empty, tag] = await exchange(
    t,
    [request('containerManager.Signal', { Signo: 0 }), request('containerManager.Signal', { Signo: 9 })],
    2,
  );
  t.is(empty, '{"success":false,"err":"","result":null}');
  t.is(tag, '{"success":false,"err":"signal \\u003c9\\u003e","result":null}');
});

test('a method without a result answers {}', async (t) => {
  t.deepEqual(await exchange(t, [request('containerManager.Create', 'x')], 1), [ok(), alive]);
});

for (const [bytes, why] of [
  ['hello', "invalid character 'h' where a value was expected"],
  ['{"method":"containerManager.Wait","arg":tru]', "invalid character ']' in true"],
  ['\0', 'invalid character 0x0 where a value was expected'],
  ['{"method":7,"arg":null}', 'no request: method: the number 7 is not a string'],
  ['[]', 'no request: an array is not an object'],
  ['"x"', 'no request: a string is not an object'],
  ['['.repeat(10_001), 'nested deeper than 10000'],
] as const) {
  test(`the reason is told and the connection closed after ${bytes.slice(0, 30)}`, async (t) => {
    const served = await serve(t, handlers);
    const client = new RawClient(served.path);
    await client.send(`${request('containerManager.Wait', 'first')}${bytes}`);
    await client.closed();
    t.true(client.text.startsWith(ok(5)), client.text);
    t.true(client.text.includes(`control protocol: ${JSON.stringify(why).slice(1, -1)}`), client.text);
    client.close();
    t.is(await served.client.call('containerManager.Wait', 'other'), 5);
    await served.end();
  });
}

test('a message of 100 MiB gets an error that tells the limit, and the connection goes on', async (t) => {
  const served = await serve(t, handlers);
  const client = new RawClient(served.path);
  const before = process.memoryUsage.rss();
  await client.send('{"method":"containerManager.Wait","arg":"');
  const piece = Buffer.alloc(1 << 20, 'x');
  for (let i = 0; i < 100; i++) await client.send(piece);
  await client.send(`"}${request('containerManager.Wait', 'next')}`);
  const [large, next] = await client.replies(2);
  t.true(large?.includes('"err":"message larger than 33554432 bytes"'), large);
  t.is(next, ok(4));
  const grown = (process.memoryUsage.rss() - before) / (1 << 20);
  t.true(grown < 120, `${grown} MiB`);
  client.close();
});

test('a client that ends its sending direction still gets its reply', async (t) => {
  const served = await serve(t, handlers);
  const client = new RawClient(served.path);
  await client.send(request('containerManager.Pause', null) + request('containerManager.Wait', 'ab'));
  sockets.shutdown(client.fd, 'write');
  await client.closed();
  t.is(client.text, ok() + ok(2));
  client.close();
});
