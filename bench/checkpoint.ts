import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import type { Call } from '../actors/call.ts';
import { Files } from '../actors/files.ts';
import { checkpointSandbox } from '../actors/operations/checkpoint-sandbox.ts';
import { createContainer } from '../actors/operations/create-container.ts';
import { destroySandbox } from '../actors/operations/destroy-container.ts';
import { restoreSandbox } from '../actors/operations/restore-sandbox.ts';
import { startContainer } from '../actors/operations/start-container.ts';
import { makeRoot } from '../actors/run-directory/index.ts';
import type { SandboxSystem } from '../actors/sandbox/sandbox-system.ts';
import { Supervisor } from '../actors/supervisor/index.ts';
import { silent } from '../log/logger.ts';
import { defaultSpec } from '../oci/index.ts';
import type { ContainerSpec } from '../oci/types.ts';
import { linuxPlatform } from '../platforms/linux/index.ts';
import { criuCommand, requireCriu } from '../platforms/linux/criu/index.ts';
import { BareRuntime } from './bare-runtime.ts';
import { Measurements } from './measure.ts';
import { Phases } from './phases.ts';
import { summarize } from './statistics.ts';
import { ms } from './table.ts';

const call: Call = { signal: new AbortController().signal, correlation: 'bench', log: silent };
const MB = 1_000_000;

/** What is saved: so many containers, each with so much memory in use, in MB. */
export interface Load {
  readonly containers: number;
  readonly megabytes: number;
}

export interface CheckpointRows {
  readonly totals: string[][];
  readonly saving: string[][];
  readonly loading: string[][];
}

/**
 * Sandboxes that are saved, left running, and made again, in turn with the same containers by the bare runtime, one
 * after another; both with the same CRIU. The phases are the chart's states.
 */
export async function checkpoints(
  count: number,
  loads: readonly Load[],
  rootfs: string,
): Promise<CheckpointRows> {
  const rows: CheckpointRows = { totals: [], saving: [], loading: [] };
  for (const load of loads) {
    const times = await measure(count, load, rootfs);
    const median = (name: string): number => summarize(times.of(name)).median;
    const label = `${load.containers} × ${load.megabytes} MB`;
    const shown = (...names: readonly string[]): string[] => names.map((name) => ms(median(name)));
    const ratio = (step: string): string => (median(step) / median(`bare ${step}`)).toFixed(2);
    const still = median('stood still');
    rows.totals.push([
      ...[label, ...shown('checkpoint', 'bare checkpoint'), ratio('checkpoint')],
      ...[ms(still), `${((100 * still) / median('checkpoint')).toFixed(0)}%`],
      ...[...shown('restore', 'bare restore'), ratio('restore')],
    ]);
    rows.saving.push([label, ...shown('freeze', 'dump', 'thaw', 'write')]);
    rows.loading.push([label, ...shown('read', 'load', 'resume')]);
  }
  return rows;
}

async function measure(count: number, load: Load, rootfs: string): Promise<Measurements> {
  const directory = mkdtempSync(join(tmpdir(), 'runstate-bench-'));
  const { path } = await criuCommand(requireCriu());
  const spec = defaultSpec({
    args: ['sh', '-c', `dd if=/dev/zero bs=${load.megabytes * MB} count=1 iflag=fullblock | sleep 100000`],
    rootfs,
    readonlyRoot: true,
    memory: 2 ** 31,
  });
  const root = join(directory, 'root');
  makeRoot(root);
  const supervisor = new Supervisor({ root, platform: linuxPlatform({ log: silent }), log: silent });
  // Its own lock of the network would take longer yet, and need iptables: there are no connections.
  const settings = join(directory, 'criu.conf');
  writeFileSync(settings, 'network-lock skip\n');
  const bare = new BareRuntime(directory, { ...spec, annotations: { 'org.criu.config': settings } }, path);
  const nothing = openSync('/dev/null', 'r+');
  const times = new Measurements();
  const state = join(directory, 'state');
  try {
    const { system } = await supervisor.boot('bench', call);
    const ids = Array.from({ length: load.containers }, (_none, index) =>
      index === 0 ? 'bench' : `c${index}`,
    );
    for (const id of ids) await start(system, id, spec, nothing);
    for (const id of ids) {
      await bare.create(id);
      await bare.run('start', id);
    }
    for (const id of ids) {
      await until(() => residentOf(system.container(id).facts.hostPid), load.megabytes * MB);
      await until(() => residentOf(bare.pidOf(id)), load.megabytes * MB);
    }
    for (let i = -1; i < count; i++) {
      const into = i < 0 ? new Measurements() : times;
      await save(system, state, into);
      await restore(supervisor, state, nothing, into);
      const images = ids.map((id) => join(directory, `images-${id}`));
      await into.time('bare checkpoint', async () => {
        for (const [index, id] of ids.entries()) await bare.checkpoint(id, images[index] ?? '');
      });
      const copies = ids.map((id) => `${id}-copy`);
      await into.time('bare restore', async () => {
        for (const [index, id] of copies.entries()) await bare.restore(id, images[index] ?? '');
      });
      for (const id of copies) await bare.delete(id);
      for (const one of images) rmSync(one, { recursive: true });
    }
    for (const id of ids) await bare.delete(id);
  } finally {
    await supervisor.destroyAll(call);
    closeSync(nothing);
    rmSync(directory, { recursive: true });
  }
  return times;
}

async function start(
  system: SandboxSystem,
  cid: string,
  spec: ContainerSpec,
  nothing: number,
): Promise<void> {
  const files = new Files([nothing, nothing, nothing], () => undefined);
  await createContainer(system, cid, { request: { bundle: '/', spec }, files }, call);
  await startContainer(system, cid, call);
}

async function save(system: SandboxSystem, state: string, times: Measurements): Promise<void> {
  using phases = new Phases(system);
  const fd = openSync(state, 'w');
  try {
    await times.time('checkpoint', () =>
      checkpointSandbox(
        system,
        {
          ...{ fd, key: undefined, metadata: {}, leaveRunning: true },
          ...{ compression: 'none', exec: 'refuse' },
        },
        call,
      ),
    );
  } finally {
    closeSync(fd);
  }
  const freezing = ['checkpointing.draining', 'checkpointing.holding', 'checkpointing.freezing'];
  times.add('freeze', phases.of(...freezing));
  times.add('dump', phases.of('checkpointing.dumping'));
  times.add('thaw', phases.of('checkpointing.thawing'));
  times.add('write', phases.of('checkpointing.writing'));
  times.add(
    'stood still',
    phases.of('checkpointing.freezing', 'checkpointing.dumping', 'checkpointing.thawing'),
  );
}

async function restore(
  supervisor: Supervisor,
  state: string,
  nothing: number,
  times: Measurements,
): Promise<void> {
  const { system, gone } = await supervisor.boot('restored', call);
  using phases = new Phases(system);
  const fd = openSync(state, 'r');
  try {
    const names = { c1: 'r1', c2: 'r2' };
    const files = [nothing, nothing, nothing];
    const from = { fd, key: undefined, hold: false, names, root: undefined, files, consoleSocket: undefined };
    await times.time('restore', () => restoreSandbox(system, from, call));
  } finally {
    closeSync(fd);
  }
  times.add('read', phases.of('restoring.staging', 'restoring.draining'));
  times.add('load', phases.of('restoring.loading'));
  times.add('resume', phases.of('resuming'));
  await destroySandbox(system, call);
  await gone;
}

/** Of a process and all below it, in bytes. */
function residentOf(pid: number): number {
  const pages = Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]);
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1')
    .trim()
    .split(' ')
    .filter(Boolean);
  return children.map(Number).reduce((sum, child) => sum + residentOf(child), pages * 4096);
}

/** @throws Error when it is not there after ten seconds */
async function until(what: () => number, bytes: number): Promise<void> {
  for (let looks = 0; looks < 1000; looks++) {
    if (what() >= bytes) return;
    await after(10);
  }
  throw new Error(`not ${bytes} bytes after 10 s`);
}
