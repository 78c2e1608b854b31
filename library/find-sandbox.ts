import { listSandboxes, readSupervisorFile, sandboxOfContainer } from '../actors/run-directory/index.ts';
import { RunstateError, isError, messageOf } from '../errors/index.ts';
import { ControlClient, sandboxSocket, showAddress } from '../transport/client/index.ts';

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

/** Connects to a sandbox. @throws RunstateError SANDBOX_NOT_FOUND, CONNECTION */
export async function connectSandbox(root: string, sandbox: string): Promise<ControlClient> {
  const address = sandboxSocket(root, sandbox);
  try {
    return await ControlClient.connect(address);
  } catch (error) {
    if (!isError(error, 'CONNECTION')) throw error;
    const info = readSupervisorFile(root, sandbox);
    if (info === undefined && !listSandboxes(root).includes(sandbox))
      throw new RunstateError('SANDBOX_NOT_FOUND', { id: sandbox, where: root }, { cause: error });
    const why =
      info?.isAlive === true
        ? `process ${info.pid}, which hosts sandbox ${JSON.stringify(sandbox)}, does not answer: ${messageOf(error.cause)}`
        : `the supervisor of sandbox ${JSON.stringify(sandbox)} has died; to clear it away: runstate delete --force ${sandbox}`;
    throw new RunstateError('CONNECTION', { address: showAddress(address), why }, { cause: error });
  }
}
