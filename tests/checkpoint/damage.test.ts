/** The statefile of a real sandbox, changed anywhere or cut off: refused, and nothing is touched by it. */
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { Sandbox } from '../../index.ts';
import { bootSandbox } from '../../library/boot-sandbox.ts';
import { ControlClient, errorCodeOf, sandboxSocket } from '../../transport/client/index.ts';
import { settledCensus } from '../../verify/census.ts';
import { makePlace, read, real, remains, rootfs, serve, unique } from './support.ts';

const changes = 300;
const cuts = 60;

/** From the first byte to the last, evenly. */
const spread = (length: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_none, index) => Math.floor((index * (length - 1)) / (count - 1)));

real('one byte changed, or the end missing: each is refused before anything is touched', async (t) => {
  const { root, file } = makePlace(t);
  const sandbox = await Sandbox.create({ root, id: unique('whole'), rootfs });
  await read(sandbox.root, 'sh', '-c', 'echo kept > /dev/shm/word');
  await sandbox.checkpoint(file('state'));
  await sandbox.destroy();
  const whole = readFileSync(file('state'));

  const id = unique('empty');
  await bootSandbox({ root, id });
  await using client = new ControlClient([sandboxSocket(root, id)]);
  /** The code of the refusal, or that there was none. */
  const attempt = async (content: Uint8Array): Promise<string> => {
    writeFileSync(file('damaged'), content);
    const fd = openSync(file('damaged'), 'r');
    try {
      await client.call(
        'containerManager.Restore',
        { SandboxID: id, Key: undefined, Hold: false },
        { files: [fd] },
      );
      return 'restored';
    } catch (error) {
      return errorCodeOf(error) ?? String(error);
    } finally {
      closeSync(fd);
    }
  };
  const codes = new Map<string, number>();
  const expectRefusal = async (content: Uint8Array, what: string): Promise<void> => {
    const code = await attempt(content);
    codes.set(code, (codes.get(code) ?? 0) + 1);
    t.regex(code, /^STATEFILE_/, what);
  };
  for (const offset of spread(whole.length, changes)) {
    const changed = Buffer.from(whole);
    changed[offset] = (changed[offset] ?? 0) ^ (1 << (offset % 8));
    await expectRefusal(changed, `byte ${offset} changed`);
  }
  for (const length of spread(whole.length, cuts))
    await expectRefusal(whole.subarray(0, length), `cut off after ${length} bytes`);
  t.log(Object.fromEntries(codes), whole.length, 'bytes');
  t.deepEqual(await client.call('runstate.List', null), []);

  t.is(await attempt(whole), 'restored');
  await using back = await Sandbox.connect(id, { root });
  t.is(await read(back.root, 'cat', '/dev/shm/word'), 'kept\n');
  await back.root.destroy();
  t.deepEqual(remains(root, id), []);
});

real('the same by Sandbox.restore: nothing is left of any, and the whole one comes back', async (t) => {
  const { root, file } = makePlace(t);
  const supervisor = await serve(t, root);
  const id = unique('refused');
  const sandbox = await Sandbox.create({ root, id, rootfs });
  await read(sandbox.root, 'sh', '-c', 'echo kept > /dev/shm/word');
  await sandbox.checkpoint(file('state'));
  await sandbox.destroy();
  sandbox.close();
  const whole = readFileSync(file('state'));
  const before = await settledCensus(supervisor, id, root);

  const refused = async (content: Uint8Array, what: string): Promise<void> => {
    writeFileSync(file('damaged'), content);
    const error = await t.throwsAsync(Sandbox.restore(file('damaged'), { root, id }), undefined, what);
    t.regex(errorCodeOf(error) ?? String(error), /^STATEFILE_/, what);
    t.deepEqual(remains(root, id), [], what);
  };
  for (const offset of spread(whole.length, 30)) {
    const changed = Buffer.from(whole);
    changed[offset] = (changed[offset] ?? 0) ^ 0x10;
    await refused(changed, `byte ${offset} changed`);
  }
  for (const length of spread(whole.length, 10))
    await refused(whole.subarray(0, length), `cut off after ${length} bytes`);
  t.deepEqual(await settledCensus(supervisor, id, root, before), before);

  await using back = await Sandbox.restore(file('state'), { root, id });
  t.is(await read(back.root, 'cat', '/dev/shm/word'), 'kept\n');
});
