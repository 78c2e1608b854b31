/**
 * The typed client on two servers: a sandbox of ours, and one that the distribution's runsc runs. One suite, so what a
 * program does with the one it does with the other.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { defaultSpec } from '../../oci/index.ts';
import { ControlClient, RemoteError, errorCodeOf, type Arg } from '../../transport/client/index.ts';
import { rootfs, unique } from '../cli/support.ts';
import { evidence } from '../support/evidence.ts';
import { until } from '../support/waiting.ts';
import { benchFor, withRunsc } from './support.ts';

/** A sandbox with one container that counts. */
interface Served {
  readonly id: string;
  readonly client: ControlClient;
}

/** Runs one; it is gone when the test ends. */
type Serve = (t: ExecutionContext) => Promise<Served>;

const counting = 'i=0; while :; do i=$((i+1)); sleep 1; done';

const ours: Serve = async (t) => {
  const { id } = await benchFor(t, counting);
  return { id, client: clientOf(t, id) };
};

/** As a user runs it: by its own command line, on the platform that needs no virtual machine. */
// eslint-disable-next-line @typescript-eslint/require-await -- as `ours`
const theirs: Serve = async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'rs-runsc-'));
  const flags = [
    `--root=${join(directory, 'root')}`,
    '--platform=ptrace',
    '--network=none',
    '--ignore-cgroups',
  ];
  const bundle = join(directory, 'bundle');
  mkdirSync(bundle);
  const { ociVersion, root, hostname, mounts } = defaultSpec({ args: ['sh'], rootfs });
  const process = {
    ...{ user: { uid: 0, gid: 0 }, args: ['/bin/sh', '-c', counting], cwd: '/' },
    env: ['PATH=/bin:/usr/bin'],
  };
  const types = ['pid', 'mount', 'network', 'ipc', 'uts'];
  const spec = {
    ...{ ociVersion, process, root, hostname },
    mounts: mounts?.filter(({ destination }) => destination === '/proc'),
    linux: { namespaces: types.map((type) => ({ type })) },
  };
  writeFileSync(join(bundle, 'config.json'), JSON.stringify(spec));
  const id = unique(`their${++count}`);
  t.teardown(() => {
    spawnSync('runsc', [...flags, 'delete', '-force', id], { timeout: 30_000 });
    rmSync(directory, { recursive: true, force: true });
  });
  execFileSync('runsc', [...flags, 'run', '--detach', `--bundle=${bundle}`, id], {
    stdio: 'ignore',
    timeout: 60_000,
  });
  return { id, client: clientOf(t, id) };
};

let count = 0;

/** By the abstract name, which both have. */
function clientOf(t: ExecutionContext, id: string): ControlClient {
  const client = new ControlClient([
    { kind: 'abstract', name: `runsc-sandbox.${id}` },
    { kind: 'abstract', name: `runsc-sandbox.${id}\0` },
  ]);
  t.teardown(() => client.close());
  return client;
}

const exec = (id: string, ...argv: readonly string[]): Arg<'containerManager.ExecuteAsync'> => ({
  ...{ filename: '', argv, envv: ['PATH=/bin:/usr/bin', 'WORD=said'], wd: '/', KUID: 0, KGID: 0 },
  ...{ ExtraKGIDs: [], Capabilities: null, StdioIsPty: false, ContainerID: id },
});

for (const [name, serve] of [
  ['runstate', ours],
  ["the distribution's runsc", theirs],
] as const) {
  withRunsc(`${name}: processes are listed`, async (t) => {
    saw(t, name, 'processes are listed');
    const { id, client } = await serve(t);
    const processes = await client.call('containerManager.Processes', id);
    t.true(processes.some(({ pid, ppid }) => pid === 1 && ppid === 0));
    t.true(processes.some(({ cmd, uid }) => cmd === 'sh' && uid === 0));
  });

  withRunsc(`${name}: an exec gets the files that are sent, and its status is waited for`, async (t) => {
    saw(t, name, 'an exec gets the files that are sent, and its status is waited for');
    const { id, client } = await serve(t);
    const directory = mkdtempSync(join(tmpdir(), 'rs-both-'));
    const [input, output] = [join(directory, 'in'), join(directory, 'out')];
    writeFileSync(input, 'from outside\n');
    const files = [openSync(input, 'r'), openSync(output, 'wx'), openSync('/dev/null', 'w')];
    t.teardown(() => {
      for (const fd of files) closeSync(fd);
      rmSync(directory, { recursive: true });
    });
    const PID = await client.call(
      'containerManager.ExecuteAsync',
      exec(id, 'sh', '-c', 'read line; echo $WORD $line; exit 3'),
      { files },
    );
    t.true(PID > 1);
    t.is(await client.call('containerManager.WaitPID', { PID, CID: id }), 3 << 8);
    t.is(readFileSync(output, 'utf8'), 'said from outside\n');
    if (serve === ours) evidence(t, ...called('ExecuteAsync', 'WaitPID', 'Processes'));
  });

  withRunsc(`${name}: a signal ends what it is sent to, and the wait tells of it`, async (t) => {
    saw(t, name, 'a signal ends what it is sent to, and the wait tells of it');
    const { id, client } = await serve(t);
    const nothing = openSync('/dev/null', 'r+');
    t.teardown(() => closeSync(nothing));
    const files = [nothing, nothing, nothing];
    const PID = await client.call('containerManager.ExecuteAsync', exec(id, 'sleep', '100'), { files });
    const waiting = client.call('containerManager.WaitPID', { PID, CID: id });
    await client.call('containerManager.Signal', { CID: id, PID, Signo: 15, Mode: 0 });
    t.is(await waiting, 15);
    const all = client.call('containerManager.Wait', id);
    await client.call('containerManager.Signal', { CID: id, PID: 0, Signo: 9, Mode: 1 });
    // runsc's sandbox may have gone before the answer: then nobody is told.
    const status = await all.catch((error: unknown) => {
      if (serve === theirs && errorCodeOf(error) === 'CONNECTION') return 'gone';
      throw error;
    });
    t.true(status === 9 || status === 'gone', String(status));
    if (serve === ours) evidence(t, ...called('Signal', 'Wait'));
  });

  withRunsc(`${name}: pause and resume`, async (t) => {
    saw(t, name, 'pause and resume');
    const { id, client } = await serve(t);
    const cpu = async (): Promise<number> =>
      (await client.call('containerManager.Processes', id))
        .filter(({ cmd }) => cmd === 'sleep')
        .map(({ pid }) => pid)[0] ?? 0;
    // At an instant at which one sleep has ended and the next has not begun there is nothing to see.
    let before = 0;
    for (let tries = 0; before === 0 && tries < 20; tries++) {
      if (tries > 0) await client.call('Lifecycle.Resume', null);
      await until(async () => (await cpu()) !== 0, 'it does not count');
      await client.call('Lifecycle.Pause', null);
      before = await cpu();
    }
    t.not(before, 0, 'a sleep is there');
    await new Promise((resolve) => setTimeout(resolve, 1500));
    t.is(await cpu(), before, 'no new sleep was begun');
    await client.call('Lifecycle.Resume', null);
    await until(async () => ![before, 0].includes(await cpu()), 'it does not go on');
    if (serve === ours)
      evidence(
        t,
        { client: 'typed client', method: 'Lifecycle.Pause' },
        { client: 'typed client', method: 'Lifecycle.Resume' },
      );
  });

  withRunsc(`${name}: stacks`, async (t) => {
    saw(t, name, 'stacks');
    const { client } = await serve(t);
    const text = await client.call('debug.Stacks', null);
    t.regex(text, serve === ours ? /JavaScript stack/ : /goroutine \d+ \[/);
  });

  withRunsc(`${name}: what is refused is told, and the client goes on`, async (t) => {
    saw(t, name, 'what is refused is told, and the client goes on');
    const { id, client } = await serve(t);
    const error = await t.throwsAsync(client.call('containerManager.Wait', 'nobody'), {
      instanceOf: RemoteError,
    });
    t.regex(error.message, /nobody/);
    t.true((await client.call('containerManager.Processes', id)).length > 0);
  });
}

/** Of each server, in the table of clients. */
function saw(t: ExecutionContext, server: string, what: string): void {
  const client = server === 'runstate' ? 'typed client' : "typed client, on Debian's runsc";
  evidence(t, { client, operation: what });
}

const called = (...names: readonly string[]) =>
  names.map((name) => ({ client: 'typed client' as const, method: `containerManager.${name}` }));
