import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Call } from '../actors/call.ts';
import { noFiles } from '../actors/files.ts';
import { createContainer } from '../actors/operations/create-container.ts';
import { startContainer } from '../actors/operations/start-container.ts';
import { makeRoot } from '../actors/run-directory/index.ts';
import type { SandboxSystem } from '../actors/sandbox/sandbox-system.ts';
import { Supervisor } from '../actors/supervisor/index.ts';
import { silent } from '../log/logger.ts';
import { defaultSpec } from '../oci/index.ts';
import { memoryPlatform } from '../platforms/memory/index.ts';
import { serveSandboxes } from '../transport/control/index.ts';

/** Who asks in benches. */
export const call: Call = { signal: new AbortController().signal, correlation: 'bench', log: silent };

/** The sandbox's id. */
export const id = 'bench';

/** Has a supervisor in this process with so many containers that do nothing, on the in-memory platform, while `use` runs. */
export async function withIdleContainers(
  count: number,
  use: (system: SandboxSystem, root: string) => Promise<void>,
): Promise<void> {
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
    await use(system, root);
  } finally {
    await supervisor.destroyAll(call);
    rmSync(join(root, '..'), { recursive: true });
  }
}
