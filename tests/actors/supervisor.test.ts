/** The registry of sandboxes: whose an id is, and when it is free. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { noFiles } from '../../actors/files.ts';
import { createContainer } from '../../actors/operations/create-container.ts';
import { destroyContainer, destroySandbox } from '../../actors/operations/destroy-container.ts';
import type { SandboxSystem } from '../../actors/sandbox/sandbox-system.ts';
import { startContainer } from '../../actors/operations/start-container.ts';
import { Supervisor, type Serve } from '../../actors/supervisor/index.ts';
import { isError } from '../../errors/index.ts';
import { silent } from '../../log/logger.ts';
import { Faults } from './support/faults.ts';
import { call, forever, refusal } from './support/system.ts';

function begin(t: ExecutionContext, serve?: Serve) {
  const root = mkdtempSync(join(tmpdir(), 'rs-supervisor-'));
  t.teardown(() => rmSync(root, { recursive: true, force: true }));
  const faults = new Faults();
  const options = { root, platform: faults.platform, log: silent };
  const supervisor = new Supervisor(serve === undefined ? options : { ...options, serve });
  t.teardown(() => supervisor.destroyAll(call()));
  return { root, faults, supervisor };
}

async function run(system: SandboxSystem, cid: string): Promise<void> {
  const spec = { ociVersion: '1.0.2', process: { args: forever, cwd: '/' } };
  await createContainer(system, cid, { request: { bundle: '/', spec }, files: noFiles() }, call());
  await startContainer(system, cid, call());
}

/** The names of sandboxes and of the files by which containers are found. */
const taken = (root: string): string[] =>
  ['sandboxes', 'containers'].flatMap((name) =>
    existsSync(join(root, name)) ? readdirSync(join(root, name)) : [],
  );

test('an id is taken once, also by two at the same time, and by another supervisor of the same directory', async (t) => {
  const { root, supervisor } = begin(t);
  const outcomes = await Promise.allSettled([supervisor.boot('s', call()), supervisor.boot('s', call())]);
  t.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  const other = new Supervisor({ root, platform: new Faults().platform, log: silent });
  t.is(
    await refusal(t, other.boot('s', call())),
    `sandbox "s" already exists (hosted by process ${process.pid})`,
  );
  t.is(supervisor.sandboxes.length, 1);
  t.is(other.sandboxes.length, 0);
});

test('a container of any sandbox takes its id from all of them', async (t) => {
  const { supervisor } = begin(t);
  const one = await supervisor.boot('one', call());
  const two = await supervisor.boot('two', call());
  await run(one.system, 'one');
  await run(two.system, 'two');
  await run(one.system, 'c');
  t.is(await refusal(t, run(two.system, 'c')), 'container "c" already exists');
  t.is(await refusal(t, supervisor.boot('c', call())), 'container "c" already exists');
  await destroyContainer(one.system, 'c', call());
  await run(two.system, 'c');
});

test('an id is free as soon as its destroy is answered', async (t) => {
  const { root, supervisor } = begin(t);
  for (let count = 0; count < 3; count++) {
    const { system } = await supervisor.boot('s', call());
    await run(system, 's');
    await run(system, 'c');
    await destroyContainer(system, 's', call());
    t.deepEqual(taken(root), []);
  }
});

test('one that is not here is told by its name', async (t) => {
  const { root, supervisor } = begin(t);
  const hosted = await supervisor.boot('s', call());
  t.is(supervisor.sandbox('s'), hosted);
  const error = t.throws(() => supervisor.sandbox('nobody'));
  t.true(isError(error, 'SANDBOX_NOT_FOUND'));
  t.is(error.message, `sandbox "nobody" does not exist in ${root}`);
  await destroySandbox(hosted.system, call());
  await hosted.gone;
  t.throws(() => supervisor.sandbox('s'));
});

test('of a sandbox that cannot be opened, or not be reached, nothing is left', async (t) => {
  const { root, faults, supervisor } = begin(t);
  faults.fail('open', new Error('no'));
  t.is(await refusal(t, supervisor.boot('s', call())), 'cannot open sandbox "s": no');
  t.deepEqual(taken(root), []);
  t.is(supervisor.sandboxes.length, 0);
  const unreachable = new Supervisor({
    ...{ root, platform: faults.platform, log: silent },
    serve: () => Promise.reject(new Error('no socket')),
  });
  t.is(await refusal(t, unreachable.boot('s', call())), 'no socket');
  t.deepEqual(taken(root), []);
  faults.mend('open');
  await supervisor.boot('s', call());
});

test('who goes away during a boot leaves nothing', async (t) => {
  const { root, faults, supervisor } = begin(t);
  const block = faults.block('open');
  const controller = new AbortController();
  const booted = t.throwsAsync(supervisor.boot('s', call({ signal: controller.signal })));
  await block.begun;
  controller.abort();
  block.letGo();
  t.is((await booted).message, 'open of sandbox "s" was cancelled');
  t.deepEqual(taken(root), []);
  t.is(supervisor.sandboxes.length, 0);
});

test('a sandbox is gone when its clients have had their last replies', async (t) => {
  const steps: string[] = [];
  let answered: () => void = () => undefined;
  const lastReplies = new Promise<void>((resolve) => {
    answered = resolve;
  });
  const { supervisor } = begin(t, () =>
    Promise.resolve({
      [Symbol.asyncDispose]: async () => {
        await lastReplies;
        steps.push('answered');
      },
    }),
  );
  const { system, gone } = await supervisor.boot('s', call());
  void gone.then(() => steps.push('gone'));
  await destroySandbox(system, call());
  t.is(supervisor.sandboxes.length, 1);
  answered();
  await gone;
  t.deepEqual(steps, ['answered', 'gone']);
  t.is(supervisor.sandboxes.length, 0);
});

test('all are destroyed together; what cannot be is told by name, and the others go', async (t) => {
  const { faults, supervisor } = begin(t);
  for (const id of ['one', 'two']) {
    const { system } = await supervisor.boot(id, call());
    await run(system, id);
  }
  const { system } = supervisor.sandbox('one');
  faults.fail('destroy', new Error('it clings'));
  const message = await refusal(t, supervisor.destroyAll(call()));
  t.regex(message, /^not all sandboxes were destroyed: .*"one" was destroyed but left behind.*it clings/);
  t.is(system.port.state, 'leaking');
  faults.mend('destroy');
  await supervisor.destroyAll(call());
  t.is(supervisor.sandboxes.length, 0);
});
