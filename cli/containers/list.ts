import { lstatSync } from 'node:fs';
import { userInfo } from 'node:os';
import { listSandboxes, sandboxFiles } from '../../actors/run-directory/index.ts';
import { messageOf } from '../../errors/index.ts';
import { connectSandbox } from '../../library/find-sandbox.ts';
import { errorCodeOf, type ContainerState } from '../../transport/client/index.ts';
import { shownState } from './exit-status.ts';

/** A container as it is listed. */
export interface Listed extends Omit<ContainerState, 'status'> {
  /** `empty` is a sandbox without containers; `unknown` one that cannot be asked. */
  readonly status: ContainerState['status'] | 'empty' | 'unknown';
  /** Whose the sandbox is: the user's name, or number. */
  readonly owner: string;
  /** Why nothing is known. */
  readonly reason?: string;
}

/** How long one sandbox may hold the list up, in ms. */
const patience = 5000;
/** So many sandboxes are asked at the same time. */
const atOnce = 16;

/** The containers of all sandboxes. One that cannot be asked does not keep the others from being listed. */
export async function listContainers(root: string): Promise<readonly Listed[]> {
  const sandboxes = listSandboxes(root);
  const found: (readonly Listed[])[] = [];
  const next = sandboxes.entries();
  const ask = async (): Promise<void> => {
    for (const [index, sandbox] of next) found[index] = await listOne(root, sandbox);
  };
  await Promise.all(Array.from({ length: atOnce }, ask));
  return found.flat();
}

async function listOne(root: string, sandbox: string): Promise<readonly Listed[]> {
  const owner = ownerOf(root, sandbox);
  try {
    const client = await connectSandbox(root, sandbox);
    try {
      const containers = await client.call('runstate.List', null, { timeout: patience });
      if (containers.length === 0) return [nothing(sandbox, owner ?? '', { status: 'empty' })];
      return containers.map((one) => ({ ...shownState(one), owner: owner ?? '' }));
    } finally {
      client.close();
    }
  } catch (error) {
    // It was removed while we looked.
    if (errorCodeOf(error) === 'SANDBOX_NOT_FOUND' || ownerOf(root, sandbox) === undefined) return [];
    return [nothing(sandbox, owner ?? '', { status: 'unknown', reason: messageOf(error) })];
  }
}

function nothing(sandbox: string, owner: string, why: Pick<Listed, 'status' | 'reason'>): Listed {
  return {
    ...{ ociVersion: '', id: sandbox, ...why, pid: 0, bundle: '', chart: why.status, sandbox },
    ...{ created: '', oomKills: 0, owner },
  };
}

/** Undefined when the sandbox is not there any more. */
function ownerOf(root: string, sandbox: string): string | undefined {
  const uid = lstatSync(sandboxFiles(root, sandbox).directory, { throwIfNoEntry: false })?.uid;
  if (uid === undefined) return undefined;
  if (uid === process.getuid?.()) return userName(uid);
  return String(uid);
}

/** A user without an entry in the passwd file has only a number. */
function userName(uid: number): string {
  try {
    return userInfo().username;
  } catch {
    return String(uid);
  }
}
