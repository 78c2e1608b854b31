import { listSandboxes, readSupervisorFile } from '../../actors/run-directory/index.ts';
import { sandboxOfContainer } from '../../actors/run-directory/index.ts';
import { RunstateError, isError } from '../../errors/index.ts';
import { removeOwnBundle } from '../../library/bundle.ts';
import { findSandbox, type FoundSandbox } from '../../library/find-sandbox.ts';
import { checkId } from '../../oci/id.ts';
import { errorCodeOf, type ContainerState } from '../../transport/client/index.ts';
import type { Context } from '../context.ts';

/**
 * Removes a container; the first one of a sandbox with the sandbox.
 * @param force also a running one, and one whose supervisor has died; one that does not exist is no error
 * @throws RunstateError CONTAINER_NOT_FOUND, WRONG_STATE, CONNECTION, LEAKED, …
 */
export async function deleteContainer(context: Context, id: string, force: boolean): Promise<void> {
  const { root } = context;
  checkId(id);
  const found = await find(context, id, force);
  if (found === undefined) return;
  try {
    if (!force) await checkDeletable(found, id);
    await destroy(context, found, id);
  } catch (error) {
    if (force && hangs(error)) {
      await clear(context, found.sandbox);
      return;
    }
    if (!force || !isGone(error)) throw error;
    // Somebody else has removed it at the same time, or its supervisor has died over it.
    if (supervisorIsDead(root, found.sandbox)) await clear(context, found.sandbox);
  } finally {
    found.client.close();
  }
}

/** Undefined when there is nothing to do any more. */
async function find(context: Context, id: string, force: boolean): Promise<FoundSandbox | undefined> {
  const { root } = context;
  try {
    return await findSandbox(root, id);
  } catch (error) {
    if (!force) throw error;
    if (isError(error, 'CONTAINER_NOT_FOUND') || isError(error, 'SANDBOX_NOT_FOUND')) return undefined;
    if (!isError(error, 'CONNECTION')) throw error;
    const sandbox = sandboxOfContainer(root, id) ?? id;
    // It went while we looked.
    if (!listSandboxes(root).includes(sandbox)) return undefined;
    await clear(context, sandbox);
    return undefined;
  }
}

/** The platform, which this needs, is seldom needed, and takes its time to load. */
async function clear(context: Context, sandbox: string): Promise<void> {
  const { clearLeftovers } = await import('./leftovers.ts');
  await clearLeftovers(context, sandbox);
}

/** In ms: as `list` has it. */
const patience = 5000;

async function describe({ client }: FoundSandbox, id: string): Promise<ContainerState | undefined> {
  return (await client.call('runstate.List', null, { timeout: patience })).find((one) => one.id === id);
}

async function checkDeletable(found: FoundSandbox, id: string): Promise<void> {
  const container = await describe(found, id);
  // A sandbox that has no container yet.
  if (container === undefined && id === found.sandbox) return;
  if (container === undefined) throw new RunstateError('CONTAINER_NOT_FOUND', { id });
  const { status } = container;
  if (status === 'stopped' || status === 'created' || status === 'creating') return;
  throw new RunstateError('WRONG_STATE', {
    ...{ verb: 'delete', kind: 'container', id, state: status },
    why: `it is not stopped; to kill and remove it: runstate delete --force ${id}`,
  });
}

async function destroy({ root }: Context, found: FoundSandbox, id: string): Promise<void> {
  const { client, sandbox } = found;
  const container = await describe(found, id);
  await client.call('containerManager.Destroy', id);
  if (container !== undefined && id !== sandbox) await removeOwnBundle(root, sandbox, container);
}

function isGone(error: unknown): boolean {
  const code = errorCodeOf(error);
  return code === 'CONTAINER_NOT_FOUND' || code === 'CONNECTION' || code === 'ACTOR_GONE';
}

/** A supervisor that does not even list its containers in time; a destroy of its own may take longer. */
const hangs = (error: unknown): boolean => isError(error, 'DEADLINE') && error.params.id === 'runstate.List';

const supervisorIsDead = (root: string, sandbox: string): boolean =>
  readSupervisorFile(root, sandbox)?.isAlive === false;
