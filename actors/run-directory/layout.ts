import { join } from 'node:path';

/** The files of one sandbox under `--root`. */
export interface SandboxFiles {
  /** Made by who boots the sandbox: taking the id. Goes last. */
  readonly directory: string;
  /** The platform's own. */
  readonly platform: string;
  /** Who hosts it, see supervisor-file.ts. */
  readonly supervisor: string;
  /** What the sandbox was asked, intended and did: see actors/journal/. */
  readonly journal: string;
  /** What a supervisor in the background logs. */
  readonly log: string;
}

/** @param id checked: it becomes the name of a directory */
export function sandboxFiles(root: string, id: string): SandboxFiles {
  const directory = join(root, 'sandboxes', id);
  return {
    directory,
    platform: join(directory, 'platform'),
    supervisor: join(directory, 'supervisor.json'),
    journal: join(directory, 'journal'),
    log: join(directory, 'log'),
  };
}

/** Where the sandboxes' directories are. */
export const sandboxesDirectory = (root: string): string => join(root, 'sandboxes');

/** Where containers are found by their id, see container-index.ts. */
export const containersDirectory = (root: string): string => join(root, 'containers');
