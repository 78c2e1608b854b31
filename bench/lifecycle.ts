import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bootSandbox } from '../library/boot-sandbox.ts';
import { defaultSpec } from '../oci/index.ts';
import type { ContainerSpec } from '../oci/types.ts';
import { ControlClient, sandboxSocket } from '../transport/client/index.ts';
import { BareRuntime } from './bare-runtime.ts';
import { Measurements } from './measure.ts';
import { summarize } from './statistics.ts';
import { ms } from './table.ts';

const steps = ['create', 'start', 'exec', 'pause', 'resume', 'delete'] as const;
const sandbox = 'bench';

/**
 * The life of a container, through a supervisor in another process and, in turn, by the bare runtime with the same
 * spec. Rows: step, our median, our p99, the runtime's median, its p99, ratio, overhead; then the pause of a whole sandbox.
 */
export async function lifecycles(count: number, rootfs: string): Promise<string[][]> {
  const directory = mkdtempSync(join(tmpdir(), 'runstate-bench-'));
  const spec = defaultSpec({ args: ['/bin/sleep', '1000'], rootfs, readonlyRoot: true });
  const bare = new BareRuntime(directory, spec);
  const root = join(directory, 'root');
  const nothing = openSync('/dev/null', 'r+');
  const times = new Measurements();
  await bootSandbox({ root, id: sandbox });
  const client = new ControlClient([sandboxSocket(root, sandbox)]);
  try {
    await create(client, sandbox, spec, nothing);
    await client.call('runstate.Start', { CID: sandbox });
    for (let i = -2; i < count; i++) {
      const prefix = i < 0 ? 'warm-up ' : '';
      await ours(client, `c${i + 2}`, spec, nothing, (step, run) => times.time(`${prefix}ours ${step}`, run));
      await theirs(bare, `c${i + 2}`, (step, run) => times.time(`${prefix}bare ${step}`, run));
      await times.time(`${prefix}sandbox pause`, () => client.call('containerManager.Pause', null));
      await times.time(`${prefix}sandbox resume`, () => client.call('containerManager.Resume', null));
    }
  } finally {
    await client.call('containerManager.Destroy', sandbox);
    client.close();
    closeSync(nothing);
    rmSync(directory, { recursive: true });
  }
  return [
    ...steps.map((step) => {
      const we = summarize(times.of(`ours ${step}`));
      const they = summarize(times.of(`bare ${step}`));
      const ratio = (we.median / they.median).toFixed(2);
      const overhead = `${we.median < they.median ? '' : '+'}${(we.median - they.median).toFixed(1)}`;
      return [step, ms(we.median), ms(we.p99), ms(they.median), ms(they.p99), ratio, overhead];
    }),
    ...(['pause', 'resume'] as const).map((step) => {
      const { median, p99 } = summarize(times.of(`sandbox ${step}`));
      return [`${step} of a sandbox`, ms(median), ms(p99)];
    }),
  ];
}

type Timer = (step: (typeof steps)[number], run: () => Promise<unknown>) => Promise<unknown>;

async function ours(
  client: ControlClient,
  CID: string,
  spec: ContainerSpec,
  nothing: number,
  time: Timer,
): Promise<void> {
  const files = [nothing, nothing, nothing];
  await time('create', () => create(client, CID, spec, nothing));
  await time('start', () => client.call('runstate.Start', { CID }));
  await time('exec', () =>
    client.call(
      'runstate.Execute',
      { CID, Process: { args: ['/bin/true'], cwd: '/', env: [] }, ConsoleSocket: '' },
      { files },
    ),
  );
  await time('pause', () => client.call('runstate.PauseContainer', { CID }));
  await time('resume', () => client.call('runstate.ResumeContainer', { CID }));
  await time('delete', () => client.call('containerManager.Destroy', CID));
}

async function theirs(bare: BareRuntime, id: string, time: Timer): Promise<void> {
  await time('create', () => bare.create(id));
  await time('start', () => bare.run('start', id));
  await time('exec', () => bare.exec(id));
  await bare.reapExec();
  await time('pause', () => bare.run('pause', id));
  await time('resume', () => bare.run('resume', id));
  await time('delete', () => bare.delete(id));
}

function create(client: ControlClient, CID: string, Spec: ContainerSpec, nothing: number): Promise<unknown> {
  return client.call(
    'runstate.Create',
    { CID, Bundle: '/', Spec, ConsoleSocket: '', NoPivot: false, NoNewKeyring: false },
    { files: [nothing, nothing, nothing] },
  );
}
