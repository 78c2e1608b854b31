import { closeSync, mkdtempSync, openSync, rmSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtFile, namespace } from '../../../native/index.ts';
import type { ProcessSpec } from '../../../oci/types.ts';
import type { ProcessFiles } from '../../platform.ts';
import { systemFailure } from '../system-error.ts';

/** What to start in place of a process, so that it has its standard input as its controlling terminal. */
export interface WithTerminal {
  readonly process: ProcessSpec;
  readonly files: ProcessFiles;
  /** Lets the helper go; call it when the runtime has ended. */
  close(): void;
}

/**
 * A terminal's slave end that came as a file is no controlling terminal yet: a runtime's new session has none. A small
 * static program of ours (native/helpers/ctty.c), handed over as an open file, takes it and becomes the process. It is
 * found by /proc, which the container has to have mounted.
 * @param directory where a mount point may be made for a moment
 * @throws RunstateError SYSTEM
 */
export function withControllingTerminal(
  process: ProcessSpec,
  files: ProcessFiles,
  directory: string,
): WithTerminal {
  const helper = openReadOnly(builtFile('ctty'), directory);
  const number = Math.max(3, files.length);
  return {
    process: { ...process, args: [`/proc/self/fd/${number}`, ...(process.args ?? [])] },
    files: [...Array.from({ length: number }, (_none, index) => files[index]), helper],
    close: () => closeSync(helper),
  };
}

/**
 * Opens a program for somebody who is not to change it. Root in a container could open /proc/self/fd/N once more, for
 * writing (CVE-2019-5736): so it is opened by a read-only mount, which lives on, detached, for as long as the file is open.
 */
function openReadOnly(program: string, directory: string): number {
  let folder: string | undefined;
  try {
    folder = mkdtempSync(join(directory, 'helper-'));
    const point = join(folder, 'program');
    writeFileSync(point, '');
    namespace.bindMount(program, point, { readonly: true });
    try {
      return openSync(point, 'r');
    } finally {
      namespace.unmount(point);
      rmSync(point);
    }
  } catch (error) {
    throw systemFailure('open', program, error);
  } finally {
    if (folder !== undefined) rmdirSync(folder);
  }
}
