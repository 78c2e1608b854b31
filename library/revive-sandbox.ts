import { setTimeout as after } from 'node:timers/promises';
import { listSandboxes, readSupervisorFile } from '../actors/run-directory/index.ts';
import { RunstateError, isError, messageOf } from '../errors/index.ts';
import { ControlClient, errorCodeOf, sandboxSocket, showAddress } from '../transport/client/index.ts';

/** Ms between two tries, while another takes the sandbox over, and how many of them. */
const pause = 20;
const tries = 500;

/** How long a supervisor that is dying may look alive, its sockets closed already, in ms. */
const dying = 500;

/**
 * Takes a sandbox over whose supervisor has died, by a new one in the background, and resolves with true when that
 * answers, whoever has started it. False: there is nothing to be taken over, as the sandbox is gone, or hosted.
 * @throws RunstateError CONNECTION when it cannot be taken over, and why
 */
export async function reviveSandbox(root: string, sandbox: string): Promise<boolean> {
  if (!(await hasDied(root, sandbox))) return false;
  for (let left = tries; ; left--) {
    try {
      // Seldom needed, and it loads what starts programs.
      const { recoverSandbox } = await import('./boot-sandbox.ts');
      await recoverSandbox(root, sandbox);
    } catch (error) {
      if (!listSandboxes(root).includes(sandbox)) return false;
      // Another does so at the same time.
      if (errorCodeOf(error) !== 'SANDBOX_EXISTS' || left === 0) throw notTakenOver(root, sandbox, error);
      await after(pause);
    }
    const error = await unanswered(root, sandbox);
    if (error === undefined) return true;
    // Nothing of it was to go on.
    if (!listSandboxes(root).includes(sandbox)) return false;
    if (left === 0) throw notTakenOver(root, sandbox, error);
  }
}

async function hasDied(root: string, sandbox: string): Promise<boolean> {
  const deadline = performance.now() + dying;
  for (;;) {
    const info = readSupervisorFile(root, sandbox);
    if (info === undefined) return false;
    if (!info.isAlive) return true;
    if (performance.now() > deadline) return false;
    await after(pause);
  }
}

async function unanswered(root: string, sandbox: string): Promise<unknown> {
  try {
    (await ControlClient.connect(sandboxSocket(root, sandbox))).close();
    return undefined;
  } catch (error) {
    if (isError(error, 'CONNECTION')) return error;
    throw error;
  }
}

function notTakenOver(root: string, sandbox: string, error: unknown): RunstateError {
  const why =
    `the supervisor of sandbox ${JSON.stringify(sandbox)} has died, and it was not taken over: ${messageOf(error)}; ` +
    `to clear it away: runstate delete --force ${sandbox}`;
  const address = showAddress(sandboxSocket(root, sandbox));
  return new RunstateError('CONNECTION', { address, why }, { cause: error });
}
