import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nanoid } from 'nanoid';
import type { Call } from '../../actors/call.ts';
import { destroySandbox } from '../../actors/operations/destroy-container.ts';
import { sandboxFiles } from '../../actors/run-directory/index.ts';
import { Supervisor, type HostedSandbox } from '../../actors/supervisor/index.ts';
import { messageOf } from '../../errors/index.ts';
import type { Logger } from '../../log/logger.ts';
import type { Platform } from '../../platforms/platform.ts';
import { ControlClient, sandboxSocket, showAddress } from '../../transport/client/index.ts';
import { serveSandboxes } from '../../transport/control/index.ts';
import { Guide } from './guide.ts';
import { Narrator } from './narrator.ts';
import { remainsOf } from './remains.ts';
import { sandboxId, takeSteps } from './steps.ts';

export interface TourOptions {
  readonly platform: Platform;
  /** A directory with the file system that the containers see. */
  readonly rootfs: string;
  readonly log: Logger;
  readonly write: (text: string) => void;
  readonly isColoured: boolean;
}

/**
 * The guided life of one sandbox with real containers, told as it happens. The supervisor is in this process, so that
 * its transitions can be shown; what is asked of it goes over its control socket.
 * @returns the exit code: 0 only when everything was checked to be true
 */
export async function tour(options: TourOptions): Promise<number> {
  const narrator = new Narrator(options.write, options.isColoured);
  const call: Call = {
    signal: new AbortController().signal,
    correlation: `tour-${nanoid(6)}`,
    log: options.log,
  };
  const root = mkdtempSync(join(tmpdir(), 'runstate-tour-'));
  try {
    narrator.say('first: can this machine run containers?');
    if (!(await isPossible(options, narrator))) return 1;
    options.write(legend);
    const supervisor = new Supervisor({
      root,
      platform: options.platform,
      log: options.log,
      serve: async (system) => {
        system.observe((transition) => narrator.transition(transition));
        return serveSandboxes(root)(system);
      },
    });
    narrator.title(1, 'Boot a sandbox: a network of its own, and a control socket');
    const hosted = await supervisor.boot(sandboxId, call);
    narrator.check(
      hosted.system.port.state === 'empty',
      `it listens at ${showAddress(sandboxSocket(root, sandboxId))}`,
    );
    await visit(hosted, { root, call, narrator, rootfs: options.rootfs });
    options.write(goodbye(narrator.checks));
    return 0;
  } catch (error) {
    options.write(`\nThe tour ended here: ${messageOf(error)}\nWhat this machine can do: runstate doctor\n`);
    return 1;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

interface Visit {
  readonly root: string;
  readonly call: Call;
  readonly narrator: Narrator;
  readonly rootfs: string;
}

async function visit(hosted: HostedSandbox, { root, call, narrator, rootfs }: Visit): Promise<void> {
  const client = new ControlClient([sandboxSocket(root, sandboxId)]);
  try {
    const guide = new Guide(client, narrator);
    await takeSteps(guide, rootfs);
    narrator.title(10, 'Destroy the sandbox, and check that nothing is left');
    await guide.call('containerManager.Destroy', sandboxId);
    await hosted.gone;
    const left = remainsOf(sandboxId, sandboxFiles(root, sandboxId).directory);
    narrator.check(
      left.length === 0,
      `no cgroup, no mount and no file of it is left${left.map((one) => `; ${one}`).join('')}`,
    );
    narrator.check(hosted.system.containers.length === 0, 'no container is left');
  } finally {
    client.close();
    if (hosted.system.port.alive) await destroySandbox(hosted.system, call);
  }
}

async function isPossible({ platform, write }: TourOptions, narrator: Narrator): Promise<boolean> {
  const missing = (await platform.probe()).checks.filter(({ verdict }) => verdict === 'missing');
  if (missing.length === 0) return true;
  narrator.say('this machine cannot run containers yet:');
  for (const { name, detail, remedy } of missing)
    write(`  ${name}: ${detail}${remedy === undefined ? '' : `\n    to mend it: ${remedy}`}\n`);
  return false;
}

const legend = `
This is the life of one sandbox with two containers, for real. On the left is the time; then
  →  what we ask the sandbox over its control socket, and with what
  ←  its reply, and how long it took
     a state that something has left → the one that it is in now
  ✓  what we have checked to be true
`;

const goodbye = (checks: number): string => `
All ${checks} checks were true. What to try next, from the directory of runstate:

  npx runstate run --rootfs build/rootfs hello -- echo hello     a container that says hello
  npx runstate run --rootfs build/rootfs -t box -- sh            a shell in one; exit ends it
  npx runstate doctor                                            what this machine can do
  npx runstate --help                                            everything else
  node examples/hello.mjs                                        the library, for Node programs: README.md
`;
