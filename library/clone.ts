import { openSync, rmSync, closeSync } from 'node:fs';
import { join } from 'node:path';
import { nanoid } from 'nanoid';
import { makeRoot } from '../actors/run-directory/index.ts';
import type { ControlClient } from '../transport/client/index.ts';
import type { BootOptions } from './boot-sandbox.ts';
import { checkpointInto, type CheckpointOptions } from './checkpoint.ts';
import { restoreInto, type RestoreOptions } from './restore.ts';
import type { Manifest } from '../actors/checkpoint/manifest.ts';
import { parseManifest } from '../actors/checkpoint/manifest.ts';
import { readStatefileHeader } from '../statefile/index.ts';

/** How one of several clones went. The client is the caller's to close. */
export type CloneOutcome = { readonly id: string } & (
  { readonly client: ControlClient } | { readonly error: unknown }
);

/** At once, at most: more would only wait for each other. */
const mostAtOnce = 4;

/**
 * Makes sandboxes of these ids from an open statefile, several at once. Their other containers, whose ids must be
 * their own below one run directory, are called CLONE-NAME. Each tells for itself how it went.
 * @param fd of a regular file; stays the caller's
 * @throws RunstateError STATEFILE_… when the file cannot be read at all
 */
export async function cloneFrom(
  fd: number,
  place: Omit<BootOptions, 'id'>,
  ids: readonly string[],
  options: Omit<RestoreOptions, 'names' | 'onProgress'> = {},
): Promise<readonly CloneOutcome[]> {
  const header = await readStatefileHeader(fd);
  const manifest = header === undefined ? undefined : parseManifest(header.manifest);
  const outcomes: CloneOutcome[] = [];
  const waiting = ids.entries();
  const work = async (): Promise<void> => {
    for (const [index, id] of waiting) outcomes[index] = await one(fd, place, id, manifest, options);
  };
  await Promise.all(Array.from({ length: Math.min(mostAtOnce, ids.length) }, work));
  return outcomes;
}

async function one(
  fd: number,
  place: Omit<BootOptions, 'id'>,
  id: string,
  manifest: Manifest | undefined,
  options: Omit<RestoreOptions, 'names' | 'onProgress'>,
): Promise<CloneOutcome> {
  try {
    const names = manifest === undefined ? {} : namesFor(id, manifest);
    return { id, client: await restoreInto({ ...place, id }, { ...options, fd, files: [], names }) };
  } catch (error) {
    return { id, error };
  }
}

/** `web-db` for `db` of any sandbox, and for `shop-db` of the sandbox `shop`. */
function namesFor(id: string, { sandbox, containers }: Manifest): Record<string, string> {
  const subs = containers.map(({ cid }) => cid).filter((cid) => cid !== sandbox);
  const own = (cid: string): string => (cid.startsWith(`${sandbox}-`) ? cid.slice(sandbox.length + 1) : cid);
  return Object.fromEntries(subs.map((cid) => [cid, `${id}-${own(cid)}`]));
}

/**
 * Saves a sandbox that goes on to a file without a name, which goes when it is closed. Gives its descriptor, the
 * caller's. @throws RunstateError as checkpointInto; SystemError
 */
export async function saveToNameless(
  client: ControlClient,
  root: string,
  options: Pick<CheckpointOptions, 'exec' | 'signal'>,
): Promise<number> {
  makeRoot(root);
  const path = join(root, `.clone-${nanoid(8)}`);
  const fd = openSync(path, 'wx+', 0o600);
  try {
    rmSync(path);
    await checkpointInto(client, fd, { ...options, leaveRunning: true });
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}
