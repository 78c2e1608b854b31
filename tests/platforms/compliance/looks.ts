/** What is to be seen of a container. */
import { closeSync } from 'node:fs';
import { soon, until } from '../../support/waiting.ts';
import { open, type Declare, type Subject } from './subject.ts';

export function looks(test: Declare, subject: Subject): void {
  const { programs, name } = subject;

  test(`${name}: processes are listed in the container's own numbering`, async (t) => {
    const { id, sandbox, run, exec, exit } = await open(t, subject);
    await run(id, programs.forks);
    const { pid } = await exec(id, programs.forever);
    await until(
      async () => (await sandbox.processes(id)).some(({ ppid }) => ppid === 1),
      'init has no child',
    );
    const processes = await sandbox.processes(id);
    t.deepEqual(
      processes.map((one) => one.pid),
      processes.map((one) => one.pid).sort((a, b) => a - b),
    );
    t.like(processes[0], { pid: 1, ppid: 0, uid: 0 });
    t.is(processes.find((one) => one.pid === pid)?.ppid, 0, 'who started an exec is outside');
    for (const { c, stime, time, cmd } of processes) {
      t.true(c >= 0 && c <= 100);
      t.regex(stime, /^(\d\d:\d\d|[A-Z][a-z]{2}\d\d)$/);
      t.regex(time, /^(\d+m)?\d+(\.\d+)?(ms|s)$/);
      t.regex(cmd, /^[^/ ]+$/);
    }
    await sandbox.signal(id, { kind: 'process', pid }, 9);
    await exit(id, pid);
    t.false((await sandbox.processes(id)).some((one) => one.pid === pid));
  });

  test(`${name}: counters tell of processes and limits, also when it has ended`, async (t) => {
    const { id, sandbox, run, exec, exit } = await open(t, subject);
    await run(id, programs.forever, { resources: { pids: { limit: 40 }, memory: { limit: 64 << 20 } } });
    await exec(id, programs.forever);
    const stats = await sandbox.stats(id);
    t.true(stats.pids.current >= 2n, String(stats.pids.current));
    t.is(stats.pids.limit, 40n);
    t.is(stats.memory.limit, 64n << 20n);
    t.is(stats.memory.oomKills, 0n);
    for (const counter of [stats.cpu.usage, stats.cpu.user, stats.memory.usage, stats.memory.failcnt])
      t.is(typeof counter, 'bigint');
    await sandbox.signal(id, { kind: 'init' }, 9);
    await exit(id);
    await until(async () => (await sandbox.stats(id)).pids.current === 0n, 'processes are counted still');
    await sandbox.destroy(id, soon());
  });

  test(`${name}: without limits none are told`, async (t) => {
    const { id, sandbox, run } = await open(t, subject);
    await run(id, programs.forever);
    t.is((await sandbox.stats(id)).pids.limit, undefined);
    t.is((await sandbox.stats(id)).memory.limit, undefined);
  });

  test(`${name}: stacks and what /proc has are of the same processes, in the container's numbering`, async (t) => {
    const { id, sandbox, run, exec } = await open(t, subject);
    await run(id, programs.forever);
    await exec(id, programs.forever);
    const pids = (await sandbox.processes(id)).map(({ pid }) => pid);
    const { inspection } = sandbox;
    const stacks = await inspection.stacks(id);
    t.deepEqual(
      stacks.map(({ pid }) => pid),
      pids,
    );
    t.true(stacks.every(({ pid, threads }) => threads.some(({ tid }) => tid === pid)));
    const dumps = await inspection.procfs(id);
    t.deepEqual(
      dumps.map(({ pid }) => pid),
      pids,
    );
    for (const { pid, ppid, startedAt, args } of dumps) {
      t.true(pid === 1 ? ppid === 0 : ppid === 0 || pids.includes(ppid));
      t.true(startedAt <= Date.now() + 1000 && startedAt > Date.now() - 3_600_000);
      t.true(args.length > 0);
    }
  });

  test(`${name}: it is known what a container was made from`, async (t) => {
    const { id, sandbox, run } = await open(t, subject);
    await run(id, programs.forever);
    const { spec } = await sandbox.inspection.madeFrom(id);
    t.deepEqual(spec.process?.args, programs.forever);
    for (const look of ['stacks', 'procfs', 'madeFrom'] as const)
      await t.throwsAsync(sandbox.inspection[look]('nobody'), { code: 'CONTAINER_NOT_FOUND' });
  });

  test(`${name}: what it cannot show it refuses by name, and what it can is the container's own`, async (t) => {
    const { id, sandbox, run } = await open(t, subject);
    await run(id, programs.forever);
    const { inspection } = sandbox;
    const file = { controller: 'pids', path: '/', name: 'pids.current' };
    const looks = [
      inspection.readControlFile(id, file).then((text) => t.true(Number(text) > 0)),
      inspection.openFile(id, '/bin/sh').then(closeSync),
      inspection.traceCalls({ calls: ['execve'] }),
    ];
    for (const outcome of await Promise.allSettled(looks))
      if (outcome.status === 'rejected') t.like(outcome.reason, { code: 'NOT_SUPPORTED' });
    await inspection.traceCalls(undefined);
  });
}
