import { rmSync, rmdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { recordFormats } from './records.ts';

/** Removes what the original's command line finds a container by, in all formats; nothing to do when there is none. */
export function removeRecords(root: string, sandbox: string, cid: string): void {
  for (const format of recordFormats) {
    const place = join(root, format.directory);
    const paths = format.files({ cid, sandbox }).map((name) => join(place, name));
    for (const path of paths) rmSync(path, { force: true });
    const own = new Set(paths.map(dirname).filter((directory) => directory !== place));
    for (const directory of own) removeIfEmpty(directory);
  }
}

function removeIfEmpty(directory: string): void {
  try {
    rmdirSync(directory);
  } catch (error) {
    // Not there, or somebody else has put a file there.
    if (!(error instanceof Error && 'code' in error && ['ENOENT', 'ENOTEMPTY'].includes(String(error.code))))
      throw error;
  }
}
