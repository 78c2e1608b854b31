/** The inspector's server on a sandbox that lives. */
import { connect } from 'node:net';
import { createWebSocketReceiver, type StatelyInspectionEvent } from '@statelyai/inspect';
import type { ExecutionContext } from 'ava';
import WebSocket from 'ws';
import { createMachine } from 'xstate';
import { InspectorServer, liveSource } from '../../inspector/server/index.ts';
import { isObservation } from '../../observation/export-file.ts';
import type { Observation } from '../../observation/types.ts';
import { realOneByOne, withSandbox, type Bench } from '../control/support.ts';
import { until } from '../support/waiting.ts';

type MachineConfig = Parameters<typeof createMachine>[0];

interface Served extends Bench {
  readonly server: InspectorServer;
  readonly get: (path: string) => Promise<Response>;
}

const withInspector = (t: ExecutionContext, body: (served: Served) => Promise<void>): Promise<void> =>
  withSandbox(t, async (bench) => {
    await bench.run(bench.id);
    await using source = liveSource(bench.root);
    const options = { source, allowControl: true, first: bench.id, port: 0, withStately: true };
    await using server = await InspectorServer.listen(options);
    const get = (path: string): Promise<Response> =>
      fetch(server.url + path, { signal: AbortSignal.timeout(20_000) });
    await body({ ...bench, server, get });
  });

/** Reads a page's stream of events until `enough`. */
async function follow(
  response: Response,
  enough: (told: readonly Observation[]) => boolean,
): Promise<readonly Observation[]> {
  const told: Observation[] = [];
  const decoder = new TextDecoder();
  let rest = '';
  // What fetch() gives are bytes.
  const body: AsyncIterable<Uint8Array> = response.body ?? (async function* () {})();
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const value: unknown = line.startsWith('data: {') ? JSON.parse(line.slice(6)) : undefined;
      if (isObservation(value)) told.push(value);
    }
    if (enough(told)) return told;
  }
  return told;
}

realOneByOne('sandboxes are listed, charts looked at, and what one click gives is given', (t) =>
  withInspector(t, async ({ get, id, client }) => {
    t.deepEqual(await (await get('sandboxes')).json(), [{ id, state: 'running' }]);
    t.like(await (await get(`sandbox/${id}/actor?kind=container&id=${id}`)).json(), {
      State: 'running',
      Observed: { Init: 'there', Frozen: false },
    });
    for (const sandbox of [id, 'nobody'])
      t.is(await (await get(`sandbox/${sandbox}/actor?kind=container&id=nobody`)).json(), null);
    t.is((await get(`sandbox/nobody/stacks`)).status, 404);
    t.regex(await (await get(`sandbox/${id}/stacks`)).text(), /JavaScript stack/);
    const processes: unknown = await (await get(`sandbox/${id}/processes?cid=${id}`)).json();
    t.true(Array.isArray(processes) && processes.length > 0);
    t.regex(await (await get(`sandbox/${id}/stats?cid=${id}`)).text(), /"cpu"/);
    const profile = Buffer.from(await (await get(`sandbox/${id}/cpu-profile?seconds=0.2`)).arrayBuffer());
    t.deepEqual([...profile.subarray(0, 2)], [0x1f, 0x8b], 'it is a gzip file');
    t.is((await get(`sandbox/${id}/cpu-profile?seconds=1000`)).status, 400);
    await client.call('containerManager.Destroy', id);
    t.deepEqual(await (await get('sandboxes')).json(), []);
  }),
);

realOneByOne('a change is done, and all who watch see that an inspector asked for it', (t) =>
  withInspector(t, async ({ server, get, id, client }) => {
    const post = (change: object): Promise<Response> =>
      fetch(`${server.url}sandbox/${id}/control`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(change),
      });
    t.is((await post({ action: 'sandbox-pause', cid: id })).status, 200);
    t.is((await client.call('runstate.State', { CID: id })).status, 'paused');
    const again = await post({ action: 'sandbox-pause', cid: id });
    t.is(again.status, 502);
    t.is(await again.text(), `cannot pause sandbox "${id}" in state paused`);
    for (const change of [
      { action: 'sandbox-resume', cid: id },
      { action: 'pause', cid: id },
      { action: 'resume', cid: id },
      { action: 'log-level', cid: id, level: 'debug' },
      { action: 'signal', cid: id, signal: 9 },
    ])
      t.is(await (await post(change)).text(), 'null', JSON.stringify(change));
    await until(
      async () => (await client.call('runstate.State', { CID: id })).status === 'stopped',
      'it was not killed',
    );
    const told = await follow(await get(`sandbox/${id}/events`), (all) =>
      all.some(({ type }) => type === 'note'),
    );
    t.true(told.some((one) => one.type === 'note' && one.text === `an inspector asks: signal ${id} 9`));
    t.is((await post({ action: 'destroy', cid: id })).status, 200);
  }),
);

realOneByOne(
  'a page is told the history, then what happens, and costs nothing when it has gone or does not read',
  (t) =>
    withInspector(t, async ({ server, get, id, client }) => {
      const open = async (): Promise<number> => {
        const { text } = await client.call('Metrics.Export', { only_metrics: '^runstate_connections$' });
        return Number(/\} (\d+)$/m.exec(text)?.[1]);
      };
      const before = await open();
      const response = await get(`sandbox/${id}/events`);
      const reading = follow(response, (all) =>
        all.some((one) => one.type === 'transition' && one.to === 'paused'),
      );
      await client.call('containerManager.Pause', null);
      const told = await reading;
      t.is(told[0]?.type, 'snapshot');
      t.true(told.some((one) => one.type === 'call' && one.method === 'runstate.Create'));

      // The page has gone: its connection with the supervisor, too, when there is something to tell.
      const settlesAt = (count: number): Promise<void> =>
        until(async () => {
          await client.call('runstate.Note', { Text: 'still here?' });
          return (await open()) === count;
        }, 'the sandbox is observed still');
      await settlesAt(before);

      // One that opens the stream and never reads.
      const { host, port, pathname } = new URL(server.url);
      const deaf = connect(Number(port), '127.0.0.1');
      deaf.pause();
      deaf.write(`GET ${pathname}sandbox/${id}/events HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
      await until(async () => (await open()) === before + 1, 'it is not followed');
      for (let i = 0; i < 3000; i++) await client.call('runstate.State', { CID: id });
      await client.call('containerManager.Resume', null);
      deaf.destroy();
      await settlesAt(before);
    }),
);

realOneByOne('tools that take Stately’s messages can attach', (t) =>
  withInspector(t, async ({ server, id, client }) => {
    const messages: StatelyInspectionEvent[] = [];
    const receiver = createWebSocketReceiver({ server: server.statelyUrl(id) });
    const subscription = receiver.subscribe((message) => messages.push(message));
    await until(
      () => messages.some((one) => one.type === '@xstate.actor' && one.name === `container ${id}`),
      'no chart was told',
    );
    await client.call('containerManager.Pause', null);
    const seen = (value: unknown): boolean =>
      messages.some(
        (one) =>
          one.type === '@xstate.snapshot' &&
          one.sessionId === `sandbox:${id}` &&
          JSON.stringify(one.snapshot) === JSON.stringify({ status: 'active', value }),
      );
    await until(() => seen('paused'), 'the pause was not told');
    t.true(seen({ pausing: 'freezing' }), 'the parts of a state are told');
    const chart = messages.find((one) => one.type === '@xstate.actor' && one.name === `sandbox ${id}`);
    if (chart?.type !== '@xstate.actor') throw new Error('the sandbox was not told');
    const machine = createMachine(JSON.parse(chart.definition ?? '{}') as MachineConfig);
    t.true(Object.keys(machine.states).includes('checkpointed'), 'what is told is a machine');
    subscription.unsubscribe();

    const refused = new WebSocket(server.statelyUrl(id).replace(/\/[\w-]{32}\//, `/${'x'.repeat(32)}/`));
    await new Promise<void>((resolve) => refused.once('error', () => resolve()));
    t.pass('without the secret nothing is told');
  }),
);
