/** A supervisor with idle containers, for bench/memory.ts: `memory-supervisor COUNT` prints its heap and RSS in bytes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import type { Call } from '../actors/call.ts';
import { noFiles } from '../actors/files.ts';
import { createContainer } from '../actors/operations/create-container.ts';
import { startContainer } from '../actors/operations/start-container.ts';
import { makeRoot } from '../actors/run-directory/index.ts';
import { Supervisor } from '../actors/supervisor/index.ts';
import { silent } from '../log/logger.ts';
import { memoryPlatform } from '../platforms/memory/index.ts';
import { defaultSpec } from '../oci/index.ts';
import { serveSandboxes } from '../transport/control/index.ts';

const count = Number(process.argv[2]);
if (!Number.isInteger(count) || globalThis.gc === undefined) {
  throw new Error('usage: node --expose-gc memory-supervisor.js COUNT');
}
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
    // A spec of its own for each, as each came in a request of its own.
    const spec = defaultSpec({ args: ['sleep', 'infinity'], rootfs: '/' });
    await createContainer(system, cid, { request: { bundle: '/', spec }, files: noFiles() }, call);
    await startContainer(system, cid, call);
  }
  // What their making left for later is done by then.
  for (let turn = 0; turn < 5; turn++) {
    await after(20);
    globalThis.gc();
  }
  const { heapUsed, rss } = process.memoryUsage();
  process.stdout.write(`${heapUsed} ${rss}\n`);
} finally {
  await supervisor.destroyAll(call);
  rmSync(join(root, '..'), { recursive: true });
}
