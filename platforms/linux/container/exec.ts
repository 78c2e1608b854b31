import { openSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { builtFile, files } from '../../../native/index.ts';
import { stringifyExact } from '../../../oci/index.ts';
import type { ProcessSpec } from '../../../oci/types.ts';
import type { ExecRequest, ProcessFiles } from '../../platform.ts';
import type { Runtime } from '../runc/runtime.ts';
import { systemFailure } from '../system-error.ts';
import { console_ } from './create.ts';
import type { LinuxContainer } from './linux-container.ts';
import { takePid } from './pid-file.ts';

/**
 * Starts another process and gives its pid, in the host's numbering.
 * @throws RunstateError as Runtime.run; SYSTEM; what `signal` was aborted with
 */
export async function execByRuntime(
  container: LinuxContainer,
  request: ExecRequest,
  runtime: Runtime,
  signal: AbortSignal,
): Promise<number> {
  const name = join(container.directory, container.nextName('exec'));
  const pidFile = `${name}.pid`;
  const helper = request.stdioIsTerminal === true ? openSync(builtFile('ctty'), 'r') : undefined;
  const plan =
    helper === undefined ? { process: request.process, files: request.files } : withTerminal(request, helper);
  try {
    try {
      await writeFile(`${name}.json`, stringifyExact(plan.process));
    } catch (error) {
      throw systemFailure('write', `${name}.json`, error);
    }
    const extra = Math.max(0, plan.files.length - 3);
    await runtime.run(
      'exec',
      [
        ...['--detach', '--pid-file', pidFile, '--process', `${name}.json`],
        ...console_(request, request.process.terminal),
        ...(extra > 0 ? ['--preserve-fds', String(extra)] : []),
        ...['--', container.cid],
      ],
      signal,
      { files: plan.files },
    );
    return await takePid(pidFile);
  } finally {
    if (helper !== undefined) files.close(helper);
    await rm(`${name}.json`, { force: true });
    await rm(pidFile, { force: true });
  }
}

/**
 * A terminal's slave end that came as a file does not become the controlling terminal by itself: a small static program
 * of ours, passed as an open file, sees to that and becomes the process.
 */
function withTerminal(
  { process, files: given }: ExecRequest,
  helper: number,
): { readonly process: ProcessSpec; readonly files: ProcessFiles } {
  const number = Math.max(3, given.length);
  const padded = Array.from({ length: number }, (_none, fd) => given[fd]);
  return {
    process: { ...process, args: [`/proc/self/fd/${number}`, ...(process.args ?? [])] },
    files: [...padded, helper],
  };
}
