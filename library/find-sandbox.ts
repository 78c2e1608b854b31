import { listSandboxes, readSupervisorFile, sandboxOfContainer } from '../actors/run-directory/index.ts';
import { RunstateError, isError, messageOf } from '../errors/index.ts';
import { setTimeout as after } from 'node:timers/promises';
import { ControlClient, errorCodeOf, sandboxSocket, showAddress } from '../transport/client/index.ts';

export interface FoundSandbox {
  readonly sandbox: string;
  /** Connected; the caller's to close. */
  readonly client: ControlClient;
}

/**
 * Connects to the sandbox that a container is in.
 * @param cid of a container, or of a sandbox that has none yet
 * @throws RunstateError CONTAINER_NOT_FOUND; CONNECTION, which tells when the supervisor has died
 */
export async function findSandbox(root: string, cid: string): Promise<FoundSandbox> {
  const sandbox = sandboxOfContainer(root, cid) ?? listSandboxes(root).find((id) => id === cid);
  if (sandbox === undefined) throw new RunstateError('CONTAINER_NOT_FOUND', { id: cid, where: root });
  return { sandbox, client: await connectSandbox(root, sandbox) };
}

/**
 * Connects to a sandbox; one whose supervisor has died is taken over first, by a new one in the background.
 * @throws RunstateError SANDBOX_NOT_FOUND, CONNECTION
 */
export async function connectSandbox(root: string, sandbox: string): Promise<ControlClient> {
  try {
    return await ControlClient.connect(sandboxSocket(root, sandbox));
  } catch (error) {
    if (!isError(error, 'CONNECTION')) throw error;
    const info = readSupervisorFile(root, sandbox);
    if (info === undefined && !listSandboxes(root).includes(sandbox))
      throw new RunstateError('SANDBOX_NOT_FOUND', { id: sandbox, where: root }, { cause: error });
    if (info?.isAlive === false) return afterRecovery(root, sandbox);
    const why =
      info === undefined
        ? `it is just being booted, or its supervisor has died at once; to clear it away: runstate delete --force ${sandbox}`
        : `process ${info.pid}, which hosts sandbox ${JSON.stringify(sandbox)}, does not answer: ${messageOf(error.cause)}`;
    throw noConnection(root, sandbox, why, error);
  }
}

/** Ms between two tries, while another has the sandbox taken over, and how many of them. */
const pause = 20;
const tries = 500;

async function afterRecovery(root: string, sandbox: string): Promise<ControlClient> {
  for (let left = tries; ; left--) {
    try {
      // Seldom needed, and it loads what starts programs.
      const { recoverSandbox } = await import('./boot-sandbox.ts');
      await recoverSandbox(root, sandbox);
    } catch (error) {
      // Another does so at the same time.
      if (errorCodeOf(error) !== 'SANDBOX_EXISTS' || left === 0)
        throw noConnection(root, sandbox, hasDied(sandbox, error), error);
      await after(pause);
    }
    try {
      return await ControlClient.connect(sandboxSocket(root, sandbox));
    } catch (error) {
      if (!isError(error, 'CONNECTION')) throw error;
      // Nothing of it was to go on.
      if (!listSandboxes(root).includes(sandbox))
        throw new RunstateError('SANDBOX_NOT_FOUND', { id: sandbox, where: root }, { cause: error });
      if (left === 0) throw noConnection(root, sandbox, hasDied(sandbox, error), error);
    }
  }
}

const hasDied = (sandbox: string, error: unknown): string =>
  `the supervisor of sandbox ${JSON.stringify(sandbox)} has died, and it was not taken over: ${messageOf(error)}; ` +
  `to clear it away: runstate delete --force ${sandbox}`;

const noConnection = (root: string, sandbox: string, why: string, cause: unknown): RunstateError =>
  new RunstateError('CONNECTION', { address: showAddress(sandboxSocket(root, sandbox)), why }, { cause });
