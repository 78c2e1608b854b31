/** What is done to containers and sandboxes while they live. */
import { setTimeout as after } from 'node:timers/promises';
import { eventually, real, shell, withPlace } from './support.ts';

real('pause stops all containers at once, resume lets them go on', (t) =>
  withPlace(t, 'pause', async ({ create }) => {
    await using sandbox = await create();
    const script = 'i=0; while :; do i=$((i+1)); echo $i; sleep 0.01; done';
    const counter = await sandbox.run(['/bin/sh', '-c', script]);
    let last = '';
    counter.stdout?.on('data', (piece: Buffer) => (last = piece.toString()));
    await eventually(() => (last === '' ? undefined : true), 'it counts');
    await sandbox.pause();
    t.is((await sandbox.root.state()).status, 'paused');
    t.is((await counter.state()).status, 'paused');
    await after(100);
    const still = last;
    await after(200);
    t.is(last, still);
    t.true((await counter.processes()).some(({ cmd }) => cmd === 'sh'));
    await sandbox.resume();
    await eventually(() => (last === still ? undefined : true), 'it goes on');
    await counter.pause();
    t.is((await sandbox.root.state()).status, 'running');
    t.is((await counter.state()).status, 'paused');
    await counter.resume();
    await counter.destroy();
    t.deepEqual(
      (await sandbox.containers()).map(({ id }) => id),
      [sandbox.id],
    );
  }),
);

real('run, signal, wait: containers end in their own way, and share the network', (t) =>
  withPlace(t, 'run', async ({ create, id }) => {
    await using sandbox = await create();
    const script = 'trap "exit 7" TERM; echo ready; while :; do sleep 0.02; done';
    const own = `${id}-worker`;
    const worker = await sandbox.run(['/bin/sh', '-c', script], { id: own, limits: { memory: '16m' } });
    t.is(worker.id, own);
    t.is(worker.sandboxId, id);
    for await (const piece of worker.stdout ?? []) {
      t.is(String(piece), 'ready\n');
      break;
    }
    t.is((await worker.stats()).memory.usage.limit, 16n * 1024n * 1024n);
    const waiting = worker.wait();
    await worker.signal(0);
    await worker.signal('SIGTERM');
    t.deepEqual(await waiting, { kind: 'exited', code: 7 });
    t.deepEqual(await sandbox.container(own).wait(), { kind: 'exited', code: 7 });
    const killed = await sandbox.run(['/bin/sleep', '1000']);
    await killed.signal(9, { all: true });
    t.deepEqual(await killed.wait(), { kind: 'signaled', signal: 9, coreDumped: false });
    const network = async (one: typeof killed): Promise<string> =>
      (await shell(one, 'readlink /proc/self/ns/net')).stdout;
    const neighbour = await sandbox.run(['/bin/sleep', '1000']);
    t.is(await network(neighbour), await network(sandbox.root));
    t.regex((await shell(neighbour, 'ip -o addr 2>/dev/null || cat /proc/net/dev')).stdout, /lo/);
  }),
);

real('processes and stats tell what is there', (t) =>
  withPlace(t, 'look', async ({ create }) => {
    await using sandbox = await create();
    const [init, ...none] = await sandbox.root.processes();
    t.deepEqual([init?.pid, init?.ppid, none.length], [1, 0, 0]);
    const sleeper = await sandbox.root.exec(['/bin/sleep', '1000']);
    const found = (await sandbox.processes()).find(({ pid }) => pid === sleeper.pid);
    t.is(found?.cmd, 'sleep');
    const { cpu, memory, pids } = await sandbox.root.stats();
    t.is(pids.current, 2n);
    t.true(cpu.usage.total > 0n);
    t.true((memory.usage.usage ?? 0n) > 0n && (memory.usage.usage ?? 0n) < memory.usage.limit);
    await sleeper.signal('KILL');
    await sleeper.wait();
    t.is((await sandbox.root.stats()).pids.current, 1n);
  }),
);

real('a wait may be given up; the container does not mind', (t) =>
  withPlace(t, 'give-up', async ({ create }) => {
    await using sandbox = await create();
    await t.throwsAsync(sandbox.root.wait({ signal: AbortSignal.timeout(50) }), { code: 'CANCELLED' });
    t.is((await sandbox.root.state()).status, 'running');
    const waiting = sandbox.root.wait();
    waiting.catch(() => undefined);
    const process = await sandbox.root.exec(['/bin/sleep', '1000']);
    await sandbox.destroy();
    // Disposing of it afterwards, as await using does, is nothing.
    await sandbox[Symbol.asyncDispose]();
    // Both are told; what they are told depends on who was first: the kill or the removal.
    const outcomes = await Promise.allSettled([waiting, process.wait()]);
    for (const outcome of outcomes)
      if (outcome.status === 'fulfilled')
        t.deepEqual(outcome.value, { kind: 'signaled', signal: 9, coreDumped: false });
      else t.regex(String(outcome.reason), /destroyed|closed|gone|cannot be known/);
  }),
);
