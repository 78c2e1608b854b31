/** What goes on when a supervisor is killed: containers notice nothing, and who needs one starts the next supervisor. */
import { existsSync, readFileSync } from 'node:fs';
import { Sandbox } from 'runstate';
import { readSupervisorFile } from '../../actors/run-directory/index.ts';
import { read } from '../checkpoint/support.ts';
import {
  eventually,
  killSupervisor,
  makePlace,
  programsOf,
  real,
  remains,
  rootfs,
  unique,
} from './support.ts';

const counting = [
  'sh',
  '-c',
  'trap "exit 7" TERM; i=0; while :; do i=$((i+1)); echo $i > /dev/shm/n; sleep 0.01; done',
];

real(
  'containers, their processes and a pause live on; who waits is answered by the next supervisor',
  async (t) => {
    const { root } = makePlace(t);
    const id = unique('lives-on');
    const sandbox = await Sandbox.create({ root, id, rootfs });
    const counter = await sandbox.run(counting);
    const still = await sandbox.run(['sleep', '100000']);
    const sleeper = await sandbox.root.exec(['sleep', '100000']);
    await still.pause();
    const before = await Promise.all([sandbox.root, counter, still].map((one) => one.state()));
    const number = async (): Promise<number> => Number(await read(counter, 'cat', '/dev/shm/n'));
    const seen = await number();
    const [waiting, waitingForExec] = [counter.wait(), sleeper.wait()];

    const dead = await killSupervisor(root, id);
    const after = await Promise.all([sandbox.root, counter, still].map((one) => one.state()));
    t.deepEqual(after, before);
    t.deepEqual(
      after.map(({ status }) => status),
      ['running', 'running', 'paused'],
    );
    t.not(readSupervisorFile(root, id)?.pid, dead);
    t.true((await number()) > seen);

    await t.throwsAsync(still.exec(['true']), { message: /cannot exec in container .* in state paused/ });
    await still.resume();
    t.is(await read(still, 'echo', 'goes on'), 'goes on\n');
    await counter.signal('TERM');
    await sleeper.signal('KILL');
    t.deepEqual(await waiting, { kind: 'exited', code: 7 });
    t.deepEqual(await waitingForExec, { kind: 'signaled', signal: 9, coreDumped: false });
    const another = await sandbox.run(['sh', '-c', 'exit 3']);
    t.deepEqual(await another.wait(), { kind: 'exited', code: 3 });
    await sandbox.destroy();
    sandbox.close();
    t.deepEqual(remains(root, id), []);
  },
);

real(
  'a sandbox that is paused as a whole stays so; one that is created can be started; an end stays known',
  async (t) => {
    const { root } = makePlace(t);
    const id = unique('states');
    await using sandbox = await Sandbox.create({ root, id, rootfs });
    const ended = await sandbox.run(['sh', '-c', 'exit 5']);
    t.deepEqual(await ended.wait(), { kind: 'exited', code: 5 });
    await sandbox.pause();
    await killSupervisor(root, id);
    t.is((await sandbox.root.state()).status, 'paused');
    await killSupervisor(root, id);
    await sandbox.resume();
    t.is((await sandbox.root.state()).status, 'running');
    await killSupervisor(root, id);
    t.deepEqual(await ended.wait(), { kind: 'exited', code: 5 });
  },
);

real('how it ended is known of what ends while no supervisor is there', async (t) => {
  const { root } = makePlace(t);
  const id = unique('gap');
  await using sandbox = await Sandbox.create({ root, id, rootfs });
  const exits = await sandbox.run(['sh', '-c', 'trap "exit 7" TERM; while :; do sleep 0.01; done']);
  const killed = await sandbox.run(['sleep', '100000']);
  const [execExits, execKilled] = [
    await sandbox.root.exec(['sh', '-c', 'trap "exit 9" TERM; while :; do sleep 0.01; done']),
    await sandbox.root.exec(['sleep', '100000']),
  ];
  const hostPids = await Promise.all([exits, killed].map(async (one) => childOf((await one.state()).pid)));
  await killSupervisor(root, id);
  for (const hostPid of [...hostPids, execExits.hostPid]) process.kill(hostPid, 'SIGTERM');
  process.kill(execKilled.hostPid, 'SIGKILL');
  await Promise.all([...hostPids, execExits.hostPid, execKilled.hostPid].map(untilGone));

  t.deepEqual(await exits.wait(), { kind: 'exited', code: 7 });
  t.deepEqual(await killed.wait(), { kind: 'signaled', signal: 15, coreDumped: false });
  t.deepEqual(await execExits.wait(), { kind: 'exited', code: 9 });
  t.deepEqual(await execKilled.wait(), { kind: 'signaled', signal: 9, coreDumped: false });
});

real('of many who come at once one starts the next supervisor', async (t) => {
  const { root } = makePlace(t);
  const id = unique('many');
  await using sandbox = await Sandbox.create({ root, id, rootfs });
  t.is((await sandbox.root.state()).status, 'running');
  await killSupervisor(root, id);
  const states = await Promise.all(
    Array.from({ length: 8 }, async () => {
      await using other = await Sandbox.connect(id, { root });
      return (await other.root.state()).status;
    }),
  );
  t.deepEqual([...new Set(states)], ['running']);
  t.is(programsOf(root).length, 1);
});

/** The program that runstate-init, pid 1 of a container, has started. */
function childOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim());
}

const untilGone = (pid: number): Promise<true> =>
  eventually(() => (existsSync(`/proc/${pid}`) ? undefined : true), `process ${pid} is gone`);
