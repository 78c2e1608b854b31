import { findSandbox, type FoundSandbox } from '../../library/find-sandbox.ts';
import { checkId } from '../../oci/id.ts';
import type { Context } from '../context.ts';

/**
 * Finds a container's sandbox, calls back with a client of it, and closes that.
 * @throws RunstateError INVALID_ID, CONTAINER_NOT_FOUND, CONNECTION, and what `use` throws
 */
export async function withSandbox<T>(
  context: Context,
  id: string,
  use: (found: FoundSandbox) => Promise<T>,
): Promise<T> {
  const found = await findSandbox(context.root, checkId(id));
  try {
    return await use(found);
  } finally {
    found.client.close();
  }
}
