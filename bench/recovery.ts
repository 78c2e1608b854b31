import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSupervisorFile } from '../actors/run-directory/index.ts';
import { bootSandbox } from '../library/boot-sandbox.ts';
import { connectSandbox } from '../library/find-sandbox.ts';
import { defaultSpec } from '../oci/index.ts';
import type { ControlClient } from '../transport/client/index.ts';
import { summarize } from './statistics.ts';

/**
 * How long it takes from a supervisor's death until its successor, which the asker starts, has told the states of all
 * containers, in ms. Rows: containers, median, longest.
 */
export async function recoveries(
  counts: readonly number[],
  rounds: number,
  rootfs: string,
): Promise<string[][]> {
  const rows: string[][] = [];
  for (const count of counts) {
    const { median, longest } = await measure(count, rounds, rootfs);
    rows.push([String(count), median.toFixed(0), longest.toFixed(0)]);
  }
  return rows;
}

async function measure(
  count: number,
  rounds: number,
  rootfs: string,
): Promise<{ readonly median: number; readonly longest: number }> {
  const directory = mkdtempSync(join(tmpdir(), 'runstate-bench-'));
  const root = join(directory, 'root');
  const id = `bench-recovery-${process.pid}`;
  await bootSandbox({ root, id });
  const client = await connectSandbox(root, id);
  try {
    for (let i = 0; i < count; i++) await run(client, i === 0 ? id : `c${i}`, rootfs);
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) times.push(await recover(client, root, id, count));
    return { median: summarize(times).median, longest: Math.max(...times) };
  } finally {
    await client.call('containerManager.Destroy', id);
    client.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function run(client: ControlClient, cid: string, rootfs: string): Promise<void> {
  const nothing = openSync('/dev/null', 'r+');
  try {
    const Spec = defaultSpec({ args: ['sleep', '100000'], rootfs });
    const rest = { Bundle: '/', ConsoleSocket: '', NoPivot: false, NoNewKeyring: false };
    await client.call('runstate.Create', { CID: cid, Spec, ...rest }, { files: [nothing, nothing, nothing] });
    await client.call('runstate.Start', { CID: cid });
  } finally {
    closeSync(nothing);
  }
}

async function recover(client: ControlClient, root: string, id: string, count: number): Promise<number> {
  const pid = readSupervisorFile(root, id)?.pid;
  if (pid === undefined) throw new Error('nobody hosts it');
  process.kill(pid, 'SIGKILL');
  const began = performance.now();
  const states = await client.call('runstate.List', null);
  const time = performance.now() - began;
  const running = states.filter(({ status }) => status === 'running').length;
  if (running !== count) throw new Error(`${running} of ${count} containers run`);
  return time;
}
