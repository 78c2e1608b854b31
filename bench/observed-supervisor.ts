/**
 * A sandbox on the in-memory platform whose charts move as fast as they can, for bench/inspector.ts:
 * `observed-supervisor CONTAINERS`. It prints its root, then for each line of input how many transitions there were in a
 * second. It ends with its input.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Call } from '../actors/call.ts';
import { noFiles } from '../actors/files.ts';
import { createContainer } from '../actors/operations/create-container.ts';
import { pauseSandbox, resumeSandbox } from '../actors/operations/pause-sandbox.ts';
import { startContainer } from '../actors/operations/start-container.ts';
import { makeRoot } from '../actors/run-directory/index.ts';
import type { SandboxSystem } from '../actors/sandbox/sandbox-system.ts';
import { Supervisor } from '../actors/supervisor/index.ts';
import { silent } from '../log/logger.ts';
import { defaultSpec } from '../oci/index.ts';
import { memoryPlatform } from '../platforms/memory/index.ts';
import { serveSandboxes } from '../transport/control/index.ts';

const count = Number(process.argv[2]);
if (!Number.isInteger(count)) throw new Error('usage: observed-supervisor CONTAINERS');
const call: Call = { signal: new AbortController().signal, correlation: 'bench', log: silent };
const id = 'bench';
const root = join(mkdtempSync(join(tmpdir(), 'runstate-bench-')), 'root');
makeRoot(root);
const supervisor = new Supervisor({
  root,
  platform: memoryPlatform(),
  log: silent,
  serve: serveSandboxes(root),
});
try {
  const { system } = await supervisor.boot(id, call);
  for (let number = 0; number < count; number++) {
    const cid = number === 0 ? id : `c${number}`;
    const spec = defaultSpec({ args: ['sleep', 'infinity'], rootfs: '/' });
    await createContainer(system, cid, { request: { bundle: '/', spec }, files: noFiles() }, call);
    await startContainer(system, cid, call);
  }
  await moveFor(system, 2000);
  process.stdout.write(`${root}\n`);
  for await (const line of createInterface({ input: process.stdin }))
    if (line !== '') process.stdout.write(`${await moveFor(system, 1000)}\n`);
} finally {
  await supervisor.destroyAll(call);
  rmSync(join(root, '..'), { recursive: true });
}

/** Pauses and resumes it for so long. Gives how many transitions a second there were. */
async function moveFor(system: SandboxSystem, ms: number): Promise<number> {
  let moves = 0;
  const stop = system.observe(() => (moves += 1));
  const begun = performance.now();
  try {
    while (performance.now() - begun < ms) {
      await pauseSandbox(system, call);
      await resumeSandbox(system, call);
    }
  } finally {
    stop();
  }
  return Math.round((moves * 1000) / (performance.now() - begun));
}
