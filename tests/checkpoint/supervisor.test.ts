/** A file outlives the supervisor that wrote it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { Sandbox } from '../../index.ts';
import { connectSandbox } from '../../library/find-sandbox.ts';
import { fromWaitStatus } from '../../platforms/exit-status.ts';
import { ControlClient, supervisorSocket } from '../../transport/client/index.ts';
import { counts, eventually, makeCli, numberIn, real, remains, rootfs, unique } from './support.ts';

const quiet = { stdout: 'ignore', stderr: 'ignore' } as const;
const counter = 'i=0; while :; do i=$((i+1)); echo $i > /dev/shm/count; sleep 0.02; done';
const server = 'nc -l -p 7000 -e sh -c \'while read x; do echo "got $x"; done\'';
const client =
  'count() { i=0; while :; do i=$((i+1)); echo $i; sleep 0.02; done; }; ' +
  'until count | nc 127.0.0.1 7000 > /dev/shm/answers; do sleep 0.1; done';

/** A supervisor of many sandboxes. */
async function serve(
  t: ExecutionContext,
  cli: ReturnType<typeof makeCli>,
): Promise<() => Promise<number | null>> {
  const child = cli.start(['serve'], { stdio: 'ignore' });
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  t.teardown(() => child.kill('SIGKILL'));
  // The file is there a moment before it is listened at: who came then would boot a supervisor of its own.
  await eventually(async () => {
    try {
      (await ControlClient.connect(supervisorSocket(cli.root))).close();
      return true;
    } catch {
      return undefined;
    }
  }, 'it serves');
  return () => {
    child.kill('SIGTERM');
    return ended;
  };
}

real('what one supervisor saved goes on in the next: memory, an exec’d process, a connection', async (t) => {
  const cli = makeCli(t);
  const { root, directory } = cli;
  const [old, id, peer] = [unique('old'), unique('new'), unique('peer')];
  const image = join(directory, 'image');
  const stop = await serve(t, cli);
  const sandbox = await Sandbox.create({ root, id: old, rootfs, args: ['sh', '-c', counter], ...quiet });
  await sandbox.run(['sh', '-c', server], { id: peer, ...quiet });
  const caller = await sandbox.run(['sh', '-c', client], { id: `${peer}-caller`, ...quiet });
  const { pid } = await caller.exec(['sh', '-c', `trap 'exit 9' USR1; ${counter}`], quiet);
  await counts(t, () => numberIn(sandbox.root, '/dev/shm/count'), 5);
  await counts(t, () => numberIn(caller, '/dev/shm/count'), 5);
  await counts(t, () => numberIn(caller, '/dev/shm/answers'), 5);
  t.true(existsSync(join(root, 'supervisor.sock')));
  await sandbox.checkpoint(image);
  await sandbox.destroy();
  t.deepEqual(remains(root, old), []);
  t.is(await stop(), 0);
  t.false(existsSync(join(root, 'supervisor.sock')));

  const stopAgain = await serve(t, cli);
  const back = await Sandbox.restore(image, { root, id });
  const there = back.container(`${peer}-caller`);
  for (const [container, file] of [
    [back.root, '/dev/shm/count'],
    [there, '/dev/shm/count'],
    [there, '/dev/shm/answers'],
  ] as const) {
    const count = await numberIn(container, file);
    t.true(count > 5);
    await counts(t, () => numberIn(container, file), count);
  }
  const control = await connectSandbox(root, id);
  t.teardown(() => control.close());
  const ended = control.call(
    'containerManager.WaitPID',
    { CID: there.id, PID: pid },
    { signal: AbortSignal.timeout(20_000) },
  );
  await control.call('containerManager.Signal', { CID: there.id, PID: pid, Signo: 10, Mode: 0 });
  t.deepEqual(fromWaitStatus(await ended), { kind: 'exited', code: 9 });
  back.close();
  // It ends with all that it hosts.
  t.is(await stopAgain(), 0);
  t.deepEqual(remains(root, id), []);
});
