/**
 * What the compiler says of calls: the table of methods types the client. The functions are compiled and not run; a
 * mistake that the compiler let through would be an unused `@ts-expect-error`, which is an error of the build.
 */
import test from 'ava';
import type { ContainerState, ControlClient, MethodName } from 'runstate/client';
import { methods } from '../../transport/methods/index.ts';

async function good(client: ControlClient): Promise<readonly [number, ContainerState, bigint]> {
  const status = await client.call('containerManager.Wait', 'c1');
  const state = await client.call('runstate.State', { CID: 'c1' });
  const event = await client.call('containerManager.Event', null);
  return [status, state, event.data.cpu.usage.total];
}

async function bad(client: ControlClient): Promise<void> {
  // @ts-expect-error: there is no such method
  await client.call('containerManager.Nothing', null);
  // @ts-expect-error: names are matched exactly
  await client.call('containermanager.wait', 'c1');
  // @ts-expect-error: an id is text
  await client.call('containerManager.Wait', 7);
  // @ts-expect-error: the argument is missing
  await client.call('containerManager.Wait');
  // @ts-expect-error: Pause takes nothing
  await client.call('containerManager.Pause', 'c1');
  // @ts-expect-error: PID is missing
  await client.call('containerManager.WaitPID', { CID: 'c1' });
  // @ts-expect-error: fields have the case of the wire
  await client.call('runstate.State', { cid: 'c1' });
  // @ts-expect-error: a signal is its number
  await client.call('containerManager.Signal', { CID: 'c1', Signo: 'TERM', PID: 0, Mode: 0 });
  // @ts-expect-error: files are descriptors
  await client.call('containerManager.Wait', 'c1', { files: ['/etc/passwd'] });
  // @ts-expect-error: a wait status is a number
  const text: string = await client.call('containerManager.Wait', 'c1');
  const { data } = await client.call('containerManager.Event', 'c1');
  // @ts-expect-error: counters are bigint
  const limit: number = data.memory.usage.limit;
  const list = await client.call('runstate.List', null);
  // @ts-expect-error: results are not to be changed
  list.length = 0;
  console.log(text, limit);
}

/** Every method of the table is a name that calls take, and the other way round. */
const names: Readonly<Record<MethodName, unknown>> = methods;

test('the functions above were compiled', (t) => {
  t.deepEqual([typeof good, typeof bad], ['function', 'function']);
  t.true(Object.keys(names).length >= 13);
});
