import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessSpec } from '../../../oci/types.ts';
import type { ExecRequest, ProcessFiles, StartedProcess } from '../../platform.ts';
import type { Runtime } from '../runc/runtime.ts';
import { systemFailure } from '../system-error.ts';
import { consoleArguments, fileArguments } from './console-arguments.ts';
import { toJson } from './create.ts';
import { execInside } from './exec-inside.ts';
import { execOutside } from './exec-outside.ts';
import { execPidFile, type ExecWork } from './exec-work.ts';
import type { LinuxContainer } from './linux-container.ts';

/**
 * Starts another process, and has its end told. One that was started all the same when `signal` was aborted is killed.
 * @param pids lists the container's processes, in the host's numbering
 * @throws RunstateError as Runtime.run; SYSTEM, MISSING_ARGUMENT
 */
export function execByRuntime(
  container: LinuxContainer,
  request: ExecRequest,
  runtime: Runtime,
  pids: () => Promise<readonly number[]>,
  signal: AbortSignal,
): Promise<StartedProcess> {
  const work: ExecWork = {
    container,
    request,
    pids,
    name: join(container.directory, container.nextName('exec')),
    run: (process, files) => run(work, runtime, process, files, signal),
  };
  const { helper } = container;
  // One without a program is the runtime's to refuse.
  const isNothing = request.process.args?.[0] === undefined;
  return helper === undefined || isNothing ? execOutside(work, signal) : execInside(work, helper, signal);
}

async function run(
  work: ExecWork,
  runtime: Runtime,
  process: ProcessSpec,
  files: ProcessFiles,
  signal: AbortSignal,
): Promise<void> {
  const { cid } = work.container;
  const terminal = consoleArguments(process.terminal, work.request.consoleSocket);
  const document = `${work.name}.json`;
  try {
    write(document, toJson(process));
    await runtime.run(
      'exec',
      [
        ...['--detach', '--pid-file', execPidFile(work), '--process', document],
        ...terminal,
        ...fileArguments(files),
      ],
      cid,
      signal,
      { files },
    );
  } finally {
    rmSync(document, { force: true });
  }
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text, { mode: 0o600 });
  } catch (error) {
    throw systemFailure('write', file, error);
  }
}
