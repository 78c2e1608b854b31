import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Supervisor } from '../../actors/supervisor/index.ts';
import { silent } from '../../log/logger.ts';
import { defaultSpec } from '../../oci/index.ts';
import type { Platform } from '../../platforms/platform.ts';
import { ControlClient, sandboxSocket } from '../../transport/client/index.ts';
import { serveSandboxes } from '../../transport/control/index.ts';
import type { Coverage } from '../coverage/coverage.ts';
import { takeCensus, type Census } from '../census.ts';
import type { Place } from './commands.ts';

/** A sandbox's life, from its boot to its end: what is asked of it comes over its control socket, by clients of their own. */
export interface Life {
  readonly id: string;
  /** Another client. */
  readonly client: () => Place;
}

let count = 0;

/**
 * Boots a sandbox, creates its root container, has `live` do with it what it likes, and destroys it.
 * @throws what `live` throws; Error when something is left of it
 */
export async function withLife(
  platform: Platform,
  rootfs: string,
  live: (life: Life) => Promise<void>,
  coverage?: Coverage,
): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'runstate-verify-'));
  const root = join(directory, 'root');
  const id = `verify-${process.pid}-${++count}`;
  const nothing = openSync('/dev/null', 'r+');
  const files = [nothing, nothing, nothing];
  const spec: Place['spec'] = (args) => defaultSpec({ args, rootfs });
  const clients: ControlClient[] = [];
  const census = (): Census => takeCensus(process.pid, id, directory);
  const before = census();
  const { signal } = new AbortController();
  const call = { signal, correlation: 'verify', log: silent };
  const supervisor = new Supervisor({ root, platform, log: silent, serve: serveSandboxes(root) });
  try {
    const { system } = await supervisor.boot(id, call);
    system.observe((transition) => coverage?.take(transition));
    const client = (): Place => {
      const made = new ControlClient([sandboxSocket(root, id)]);
      clients.push(made);
      return { client: made, root: id, files, spec };
    };
    const Spec = spec(['sleep', '100000']);
    const rest = { Bundle: '/', ConsoleSocket: '', NoPivot: false, NoNewKeyring: false };
    await client().client.call('runstate.Create', { CID: id, Spec, ...rest }, { files });
    await live({ id, client });
  } finally {
    for (const one of clients) one.close();
    await supervisor.destroyAll(call);
    await nothingLeft(census, before);
    closeSync(nothing);
    rmSync(directory, { recursive: true, force: true });
  }
}

/** In ms: the kernel, and Node, let go of some things a little later. */
const patience = 5000;

async function nothingLeft(census: () => Census, before: Census): Promise<void> {
  const deadline = performance.now() + patience;
  for (let now = census(); JSON.stringify(now) !== JSON.stringify(before); now = census()) {
    if (performance.now() > deadline)
      throw new Error(`something is left: ${JSON.stringify(now)}, before ${JSON.stringify(before)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
