import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { AdoptRequest, AdoptedContainer } from '../../adoption.ts';
import { PacketLock } from '../checkpoint/packet-lock.ts';
import { layersDirectory } from '../overlay/index.ts';
import { adoptContainer, type AdoptParts } from './adopt-container.ts';
import { endKeepers, endTools } from './end-tools.ts';

export interface AdoptSandboxParts extends AdoptParts {
  readonly sandbox: string;
  /** The platform's own. */
  readonly directory: string;
  /** The pin of its network namespace. */
  readonly network: string;
  /** The pid of its keeper of statuses, which stays. */
  readonly keeper: number | undefined;
}

/**
 * Takes over what there is of a sandbox: what a dead supervisor had under way is ended, what is not asked for is
 * destroyed, and the rest is looked after and stands still as asked.
 * @throws RunstateError SYSTEM; LEAKED when something does not go
 */
export async function adoptContainers(
  request: AdoptRequest,
  parts: AdoptSandboxParts,
  signal: AbortSignal,
): Promise<readonly AdoptedContainer[]> {
  const { directory, sandbox, containers, cgroups } = parts;
  await endTools(directory, sandbox, signal);
  removeScratch(directory);
  const alone = request.containers.filter(({ isFrozen }) => isFrozen).map(({ cid }) => cid);
  await cgroups.takeOver(request.isFrozen, alone, signal);
  const wanted = request.containers.map(({ cid }) => cid);
  for (const cid of cidsIn(directory))
    if (!wanted.includes(cid)) {
      containers.add(cid);
      await containers.destroy(cid, signal);
    }
  // The root first: the others join its namespaces.
  const adopted: AdoptedContainer[] = [];
  for (const one of request.containers.toSorted((a, b) => Number(b.isRoot) - Number(a.isRoot)))
    adopted.push(await adoptContainer(one, join(directory, 'bundles', one.cid), parts));
  await PacketLock.undo(parts.network);
  // There is another by now, and what they have seen is known.
  await endKeepers(directory, parts.keeper);
  return adopted;
}

/** Also of one of which there is only a part. */
function cidsIn(directory: string): readonly string[] {
  const places = [join(directory, 'bundles'), layersDirectory(directory), join(directory, 'runc')];
  return [...new Set(places.flatMap((place) => (existsSync(place) ? readdirSync(place) : [])))];
}

/** What checkpoints and restores, and runtimes, had under way. */
function removeScratch(directory: string): void {
  for (const name of readdirSync(directory))
    if (name.startsWith('scratch-') || name.startsWith('log-'))
      rmSync(join(directory, name), { recursive: true, force: true });
}
