/** The inspector's server: who is let in, and what it says to what it does not know. */
import { request } from 'node:http';
import test, { type ExecutionContext } from 'ava';
import { fileSource, InspectorServer } from '../../inspector/server/index.ts';
import { exportVersion } from '../../observation/export-file.ts';
import { moved, snapshot } from '../observation/support.ts';

const header = {
  ...({ format: 'runstate-inspection', version: exportVersion } as const),
  ...{ runstate: '0.1.0', sandbox: 'web', at: 5 },
};
const observations = [snapshot, moved('sandbox', 'web', 'running', 'pausing')];

interface Asked {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

interface How {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Not by fetch(), which does not let one say another Host. */
function ask(url: string, path: string, { method = 'GET', headers = {}, body }: How = {}): Promise<Asked> {
  return new Promise((resolve, reject) => {
    const asking = request(url, { path, method, headers, timeout: 10_000 }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('error', reject);
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text, headers: response.headers }),
      );
    });
    asking.on('error', reject);
    asking.end(body);
  });
}

async function serve(t: ExecutionContext, allowControl = false): Promise<{ url: string; path: string }> {
  const source = fileSource({ header, observations });
  const server = await InspectorServer.listen({ source, allowControl, first: 'web', port: 0 });
  t.teardown(() => server[Symbol.asyncDispose]());
  return { url: server.url, path: new URL(server.url).pathname };
}

test('who knows the secret gets the page, and everything says that it is not to be kept, shown elsewhere, or told', async (t) => {
  const { url, path } = await serve(t);
  t.regex(path, /^\/[\w-]{32}\/$/);
  for (const name of ['', 'page.js', 'page.css', 'icon.svg', 'charts/container.svg', 'about', 'sandboxes']) {
    const { status, headers, text } = await ask(url, path + name);
    t.is(status, 200, name);
    t.true(text.length > 10, name);
    t.like(headers, {
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    });
    t.regex(String(headers['content-security-policy']), /default-src 'none'.*frame-ancestors 'none'/);
  }
});

test('no address without the secret gives anything', async (t) => {
  const { url, path } = await serve(t);
  const [, secret = ''] = path.split('/');
  const others = [secret.slice(1), secret.toUpperCase(), `${secret}x`, ''].map((one) => `/${one}/`);
  for (const other of ['/', '/page.js', '/about', ...others]) {
    const { status, text } = await ask(url, other);
    t.is(status, 404, other);
    t.is(text, 'there is nothing here');
  }
});

test('another name that leads here, and another site, get nothing', async (t) => {
  const { url, path } = await serve(t, true);
  t.is((await ask(url, path, { headers: { host: 'evil.example' } })).status, 404);
  t.is((await ask(url, path, { headers: { origin: 'https://evil.example' } })).status, 404);
  const { host } = new URL(url);
  t.is((await ask(url, path, { headers: { host: host.replace('127.0.0.1', 'localhost') } })).status, 200);
  t.is((await ask(url, path, { headers: { origin: `http://${host}` } })).status, 200);
});

test('what there is not, and what is written wrongly, is told', async (t) => {
  const { url, path } = await serve(t);
  for (const name of ['nothing', 'charts/nothing.svg', '../package.json', 'sandbox', 'sandbox/web/nothing'])
    t.is((await ask(url, path + name)).status, 404, name);
  t.is((await ask(url, `${path}charts/%2e%2e%2fpage.js`)).status, 404);
  t.is((await ask(url, `${path}%`)).status, 404);
  t.like(await ask(url, `${path}sandbox/web/actor?kind=wish`), { status: 400 });
  t.is((await ask(url, path, { method: 'DELETE' })).status, 404);
});

test('a change is not asked for unless that is allowed, and then only one that there is', async (t) => {
  const json = { 'content-type': 'application/json' };
  const body = JSON.stringify({ action: 'destroy', cid: 'web' });
  const looking = await serve(t);
  const refused = await ask(looking.url, `${looking.path}sandbox/web/control`, {
    method: 'POST',
    headers: json,
    body,
  });
  t.is(refused.status, 403);
  t.regex(refused.text, /start it with --allow-control/);

  const { url, path } = await serve(t, true);
  const post = (text: string, headers: Readonly<Record<string, string>> = json): Promise<Asked> =>
    ask(url, `${path}sandbox/web/control`, { method: 'POST', headers, body: text });
  t.like(await post(body, { 'content-type': 'text/plain' }), { status: 400 });
  t.like(await post('{'), { status: 400 });
  t.like(await post(JSON.stringify({ action: 'format-disk', cid: 'web' })), { status: 400 });
  t.like(await post(JSON.stringify({ action: 'signal', cid: 'web', signal: 1.5 })), { status: 400 });
  t.like(await post(JSON.stringify({ action: 'pause', cid: 'web', more: 1 })), { status: 400 });
  t.like(await post('x'.repeat(100_000)), { status: 400 });
  const ofFile = await post(body);
  t.is(ofFile.status, 403);
  t.regex(ofFile.text, /this is a file, not a sandbox/);
});

test('a file is told as a sandbox is, to its end', async (t) => {
  const { url, path } = await serve(t);
  const { headers, text } = await ask(url, `${path}sandbox/web/events`);
  t.is(headers['content-type'], 'text/event-stream');
  const [first = '', end = ''] = text.trim().split('\n\n');
  t.is(first.split('\n')[0], 'event: observations');
  const told = first
    .split('\n')
    .slice(1)
    .map((line): unknown => JSON.parse(line.replace(/^data: /, '')));
  t.deepEqual(told, JSON.parse(JSON.stringify(observations)));
  t.is(end, 'event: end\ndata: the file ends here');
  t.regex(
    (await ask(url, `${path}sandbox/other/events`)).text,
    /event: end\ndata: sandbox "other" does not exist/,
  );
  t.is((await ask(url, `${path}sandbox/web/actor?kind=sandbox&id=web`)).text, 'null');
});

test('what is under way ends with the server', async (t) => {
  const forever = {
    ...fileSource({ header, observations }),
    follow: (_id: string, signal: AbortSignal) =>
      new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve())),
  };
  const server = await InspectorServer.listen({
    source: forever,
    allowControl: false,
    first: 'web',
    port: 0,
  });
  const path = new URL(server.url).pathname;
  const asking = ask(server.url, `${path}sandbox/web/events`);
  await ask(server.url, path);
  await server[Symbol.asyncDispose]();
  await t.throwsAsync(asking, { code: 'ECONNRESET' });
});
