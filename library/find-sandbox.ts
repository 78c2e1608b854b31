import { listSandboxes, readSupervisorFile, sandboxOfContainer } from '../actors/run-directory/index.ts';
import { RunstateError, isError, messageOf } from '../errors/index.ts';
import { ControlClient, sandboxSocket, showAddress } from '../transport/client/index.ts';
import { reviveSandbox } from './revive-sandbox.ts';

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
 * Connects to a sandbox. One whose supervisor has died is taken over first, by a new one in the background; so is one whose
 * supervisor dies while the client is used: who waits then gets the answer from the new one.
 * @throws RunstateError SANDBOX_NOT_FOUND, CONNECTION
 */
export async function connectSandbox(root: string, sandbox: string): Promise<ControlClient> {
  let refused: unknown;
  const revive = async (): Promise<boolean> => {
    try {
      return await reviveSandbox(root, sandbox);
    } catch (error) {
      refused = error;
      throw error;
    }
  };
  try {
    return await ControlClient.connect(sandboxSocket(root, sandbox), { revive });
  } catch (error) {
    if (!isError(error, 'CONNECTION') || error === refused) throw error;
    const info = readSupervisorFile(root, sandbox);
    if (info === undefined && !listSandboxes(root).includes(sandbox))
      throw new RunstateError('SANDBOX_NOT_FOUND', { id: sandbox, where: root }, { cause: error });
    const shown = JSON.stringify(sandbox);
    const why =
      info === undefined
        ? `sandbox ${shown} is just being booted, or its supervisor has died at once; to clear it away: runstate delete --force ${sandbox}`
        : `process ${info.pid}, which hosts sandbox ${shown}, does not answer: ${messageOf(error.cause)}`;
    const address = showAddress(sandboxSocket(root, sandbox));
    throw new RunstateError('CONNECTION', { address, why }, { cause: error });
  }
}
