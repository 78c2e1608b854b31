/** A sandbox with an interface that is saved: the statefile has none, and whoever restores it gives it one. */
import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { findCriu } from '../../platforms/linux/criu/index.ts';
import { until } from '../support/waiting.ts';
import { real, refusal, withSandbox, type Bench } from './support.ts';
import { busybox, has, ip, makeWire, output, socketsOf, whyNoWires, type Wire } from './wires.ts';

const cannot = whyNoWires() ?? (findCriu() === undefined ? 'there is no CRIU that works' : undefined);
if (cannot !== undefined) console.log(`checkpoints with interfaces are not tested: ${cannot}`);
const serial = cannot === undefined && real === test ? test.serial : test.serial.skip;

const give = ({ client }: Bench, t: ExecutionContext, wire: Wire): Promise<null> =>
  client.call(
    'Network.CreateLinksAndRoutes',
    {
      LoopbackLinks: [],
      FDBasedLinks: [
        {
          ...{ Name: 'eth0', MTU: 1500, Routes: [], LinkAddress: undefined, NumChannels: 1 },
          Addresses: [{ Address: '10.7.7.2', PrefixLen: 24 }],
        },
      ],
    },
    { files: socketsOf(t, wire) },
  );

function statefile(t: ExecutionContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'rs-network-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  return join(directory, 'state');
}

async function withFile<T>(path: string, flags: string, work: (fd: number) => Promise<T>): Promise<T> {
  const fd = openSync(path, flags);
  try {
    return await work(fd);
  } finally {
    closeSync(fd);
  }
}

const save = ({ client }: Bench, path: string): Promise<null> =>
  withFile(path, 'w', (fd) =>
    client.call(
      'containerManager.Checkpoint',
      { key: undefined, metadata: {}, LeaveRunning: false, Compression: '', Exec: '' },
      { files: [fd] },
    ),
  );

const restore = ({ client }: Bench, path: string): Promise<null> =>
  withFile(path, 'r', (fd) =>
    client.call('containerManager.Restore', { SandboxID: '', Key: undefined, Hold: false }, { files: [fd] }),
  );

/** Answers each line, for as long as the test lasts. */
function answers(t: ExecutionContext, { far }: Wire): Promise<void> {
  const command = [busybox, 'nc', '-ll', '-p', '7300', '-e', busybox, 'cat'];
  const child = spawn('ip', ['netns', 'exec', far, ...command], { stdio: 'ignore' });
  t.teardown(() => child.kill('SIGKILL'));
  return until(
    () => ip(undefined, 'netns', 'exec', far, busybox, 'netstat', '-ltn').includes(':7300 '),
    'nobody listens',
  );
}

const counts = 'count() { i=0; while :; do i=$((i+1)); echo $i; sleep 0.05; done; }; ';
const idle = 'while :; do sleep 1000; done';
const talks = `${counts} (count | nc 10.7.7.1 7300 > /dev/shm/answers; echo torn > /dev/shm/torn) & ${idle}`;

serial(
  'without connections it is saved, and comes back without an interface until one is given',
  async (t) => {
    const wire = makeWire(t);
    await answers(t, wire);
    const file = statefile(t);
    await withSandbox(t, async (bench) => {
      await give(bench, t, wire);
      await bench.run(bench.id);
      await save(bench, file);
    });
    t.true(has(undefined, wire.name), 'it is given back when what was saved is destroyed');
    await withSandbox(t, async (bench) => {
      await restore(bench, file);
      t.notRegex(await output(bench, bench.id, 'ls /sys/class/net'), /eth0/);
      await give(bench, t, wire);
      t.is(await output(bench, bench.id, 'echo hello | nc 10.7.7.1 7300'), 'hello\n');
    });
  },
);

serial(
  'with an open connection it needs the interface before the restore; who is outside has hung up',
  async (t) => {
    const wire = makeWire(t);
    await answers(t, wire);
    const file = statefile(t);
    const last = async (bench: Bench): Promise<number> =>
      Number(await output(bench, bench.id, 'tail -n 1 /dev/shm/answers'));
    let saved = 0;
    await withSandbox(t, async (bench) => {
      await give(bench, t, wire);
      await bench.run(bench.id, talks);
      await until(async () => (await last(bench)) > 5, 'nothing is answered');
      saved = await last(bench);
      await save(bench, file);
    });
    await withSandbox(t, async (bench) => {
      await give(bench, t, wire);
      await restore(bench, file);
      // Its processes were ended when they had been saved, which the other side has seen.
      await until(
        async () => (await output(bench, bench.id, 'cat /dev/shm/torn 2>/dev/null')) === 'torn\n',
        'it does not learn that the connection is torn',
      );
      t.true((await last(bench)) >= saved);
      t.is(await output(bench, bench.id, 'echo hello | nc 10.7.7.1 7300'), 'hello\n');
    });
    await withSandbox(t, async (bench) => {
      // Without its address it cannot be: that is told, and nothing is left.
      t.regex(await refusal(t, restore(bench, file)), /^restore failed in phase [^]*bind/);
    });
  },
);
