import { closeSync, existsSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import test from 'ava';
import { bootSandbox } from '../../library/boot-sandbox.ts';
import { defaultSpec } from '../../oci/index.ts';
import { ControlClient, sandboxSocket } from '../../transport/client/index.ts';
import { cgroupsBelow, settledCensus } from '../../verify/census.ts';

const containers = 200;
const clients = 8;
const sandbox = `stress-${process.pid}`;
const rootfs = join(import.meta.dirname, '../../../build/rootfs');

const cannot = reasonNotTo();
if (cannot !== undefined) console.log(`skipped: 200 containers: ${cannot}`);
const real = cannot === undefined ? test : test.skip;

real('200 containers by 8 clients at once: every status right, and nothing left', async (t) => {
  t.timeout(10 * 60_000);
  const root = mkdtempSync(join(tmpdir(), 'runstate-stress-'));
  const nothing = openSync('/dev/null', 'r+');
  try {
    const { pid } = await bootSandbox({ root, id: sandbox });
    const address = sandboxSocket(root, sandbox);
    await using first = new ControlClient([address]);
    try {
      await create(first, sandbox, 'while :; do sleep 1000; done', nothing);
      await first.call('runstate.Start', { CID: sandbox });
      // The first container brings up what stays for all, e.g. the client's connection.
      await live(first, 0, nothing);
      const before = await settledCensus(pid, sandbox, root);
      let next = 1;
      await Promise.all(
        Array.from({ length: clients }, async () => {
          await using client = new ControlClient([address]);
          while (next <= containers) {
            const number = next++;
            t.deepEqual(await live(client, number, nothing), expected(number), `container ${number}`);
          }
        }),
      );
      t.is(next, containers + 1);
      t.deepEqual(await settledCensus(pid, sandbox, root, before), before);
      t.deepEqual(
        (await first.call('runstate.List', null)).map(({ id }) => id),
        [sandbox],
      );
    } finally {
      await first.call('containerManager.Destroy', sandbox);
    }
    t.is(cgroupsBelow(sandbox), 0);
    t.false(existsSync(join(root, 'sandboxes', sandbox)));
    for (let i = 0; i < 200 && existsSync(`/proc/${pid}`); i++) await after(50);
    t.false(existsSync(`/proc/${pid}`), 'the supervisor ends with its sandbox');
  } finally {
    closeSync(nothing);
    rmSync(root, { recursive: true, force: true });
  }
});

/** Exit codes that differ from container to container; every fourth is killed. */
const codeOf = (number: number): number => (number * 7) % 200;
const isKilled = (number: number): boolean => number % 4 === 3;
const expected = (number: number): readonly number[] => [
  codeOf(number + 1) << 8,
  isKilled(number) ? 9 : codeOf(number) << 8,
];

/** The whole life of one container: the wait statuses of its exec'd process and of its init. */
async function live(client: ControlClient, number: number, nothing: number): Promise<readonly number[]> {
  const CID = `c${number}`;
  const files = [nothing, nothing, nothing];
  await create(client, CID, `trap 'exit ${codeOf(number)}' TERM; while :; do sleep 0.01; done`, nothing);
  await client.call('runstate.Start', { CID });
  const Process = { args: ['/bin/sh', '-c', `exit ${codeOf(number + 1)}`], cwd: '/', env: [] };
  const { PID } = await client.call('runstate.Execute', { CID, Process, ConsoleSocket: '' }, { files });
  const executed = await client.call('containerManager.WaitPID', { CID, PID });
  await client.call('runstate.PauseContainer', { CID });
  await client.call('runstate.ResumeContainer', { CID });
  const ended = client.call('containerManager.Wait', CID);
  await trapIsSet(client, CID);
  await client.call('containerManager.Signal', { CID, Signo: isKilled(number) ? 9 : 15, PID: 0, Mode: 0 });
  const status = await ended;
  await client.call('containerManager.Destroy', CID);
  return [executed, status];
}

/** The shell has set its trap when it has begun to sleep. */
async function trapIsSet(client: ControlClient, CID: string): Promise<void> {
  for (;;) {
    const processes = await client.call('containerManager.Processes', CID);
    if (processes.some(({ cmd }) => cmd === 'sleep')) return;
    await after(2);
  }
}

async function create(client: ControlClient, CID: string, script: string, nothing: number): Promise<void> {
  const Spec = defaultSpec({ args: ['/bin/sh', '-c', script], rootfs });
  await client.call(
    'runstate.Create',
    { CID, Bundle: '/', Spec, ConsoleSocket: '', NoPivot: false, NoNewKeyring: false },
    { files: [nothing, nothing, nothing] },
  );
}

function reasonNotTo(): string | undefined {
  if (process.getuid?.() !== 0) return 'not root';
  if (!existsSync(rootfs)) return 'no busybox root file system: npm run setup';
  try {
    execFileSync('runc', ['--version']);
    return undefined;
  } catch {
    return 'runc is not installed';
  }
}
