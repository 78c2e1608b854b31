/** A supervisor of many that is killed, and started again. */
import { setTimeout as after } from 'node:timers/promises';
import { Sandbox } from 'runstate';
import { eventually, killSupervisor, makePlace, real, remains, rootfs, serve, unique } from './support.ts';

real('what it hosted goes on under the next one', async (t) => {
  const { root } = makePlace(t);
  const ids = [unique('one'), unique('two'), unique('three')];
  await serve(t, root);
  const sandboxes = await Promise.all(ids.map((id) => Sandbox.create({ root, id, rootfs })));
  const before = await Promise.all(sandboxes.map((one) => one.root.state()));
  await killSupervisor(root, ids[0] ?? '');
  const pid = await serve(t, root);
  await after(10);
  const taken = await eventually(async () => {
    const states = await Promise.all(sandboxes.map((one) => one.root.state()));
    return states.every(({ status }) => status === 'running') ? states : undefined;
  }, 'all run');
  t.deepEqual(taken, before);
  t.true(pid > 0);
  for (const sandbox of sandboxes) {
    await sandbox.destroy();
    sandbox.close();
    t.deepEqual(remains(root, sandbox.id), []);
  }
});
