/** The client and servers that break the protocol, or leave in the middle of a reply. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { createClient, type ControlClient } from 'runstate/client';
import { files, sockets } from '../../native/index.ts';

/** A client of a server that gives this answer to the first request, whatever it is, and closes the connection. */
function answering(t: ExecutionContext, answer: string, fds: readonly number[] = []): ControlClient {
  const folder = mkdtempSync(join(tmpdir(), 'rs-broken-'));
  const path = join(folder, 'control.sock');
  const listener = sockets.listen(path);
  const abort = new AbortController();
  const serving = (async () => {
    let fd: number | undefined;
    while (fd === undefined && !abort.signal.aborted) {
      fd = sockets.accept(listener);
      await after(1);
    }
    if (fd === undefined) return;
    while (sockets.receive(fd, Buffer.alloc(4096), []) === 'again') await after(1);
    sockets.send(fd, Buffer.from(answer), 0, fds);
    files.close(fd);
  })();
  const client = createClient(path);
  t.teardown(async () => {
    client.close();
    abort.abort();
    await serving;
    files.close(listener);
    rmSync(folder, { recursive: true });
  });
  return client;
}

for (const [what, answer, code, message] of [
  ['half a reply', '{"success":true,"err":"","res', 'CONNECTION', /closed the connection/],
  ['no reply', ' ', 'CONNECTION', /closed the connection/],
  ['no JSON', 'HTTP/1.1 400 Bad Request', 'PROTOCOL', /invalid character 'H'/],
  [
    'a result of the wrong type',
    '{"success":true,"err":"","result":"7"}',
    'PROTOCOL',
    /the reply to containerManager\.Wait: a string is not/,
  ],
  [
    'a status that is too large',
    '{"success":true,"err":"","result":4294967296}',
    'PROTOCOL',
    /4294967296 is not/,
  ],
  ['an error without a code', '{"success":false,"err":"no","result":null}', 'REMOTE', /^no$/],
] as const)
  test(`${what} is told`, async (t) => {
    const client = answering(t, answer);
    await t.throwsAsync(client.call('containerManager.Wait', 'c'), { code, message });
  });

test('files that come with an error, or unasked for, are closed', async (t) => {
  const { read, write } = files.pipe();
  const client = answering(t, '{"success":false,"err":"no","result":null}', [write]);
  await t.throwsAsync(client.callForFiles('containerManager.Wait', 'c'), { code: 'REMOTE' });
  files.close(write);
  // No other writer is left: the end of the pipe is seen.
  t.is(files.read(read, Buffer.alloc(1)), 'end');
  files.close(read);
});
