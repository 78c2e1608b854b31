import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RunstateError } from '../../../errors/index.ts';
import { namespace } from '../../../native/index.ts';
import { stringifyExact } from '../../../oci/index.ts';
import type { CreateRequest } from '../../platform.ts';
import { effectiveSpec } from '../bundle/effective-spec.ts';
import type { Runtime } from '../runc/runtime.ts';
import { systemFailure } from '../system-error.ts';
import type { LinuxContainer } from './linux-container.ts';
import { takePid } from './pid-file.ts';

export interface CreateParts {
  readonly runtime: Runtime;
  readonly cgroupsPath: string;
  readonly network: string;
  readonly rootPid: number | undefined;
}

/**
 * Makes a container up to its waiting init, and gives that one's pid. What a failure leaves is `destroy`'s to remove.
 * @throws RunstateError as Runtime.run; SYSTEM; what `signal` was aborted with
 */
export async function createByRuntime(
  container: LinuxContainer,
  request: CreateRequest,
  parts: CreateParts,
  signal: AbortSignal,
): Promise<number> {
  const { cid, directory } = container;
  const pidFile = join(directory, 'init.pid');
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const rootPath = await mountRoot(directory, request.rootDirectory);
    const spec = effectiveSpec(request.spec, { ...parts, bundle: request.bundle, rootPath });
    await writeFile(join(directory, 'config.json'), stringifyExact(spec));
  } catch (error) {
    throw systemFailure('write', directory, error);
  }
  const extra = Math.max(0, request.files.length - 3);
  await parts.runtime.run(
    'create',
    [
      ...['--bundle', directory, '--pid-file', pidFile],
      ...console_(request, request.spec.process?.terminal),
      ...(extra > 0 ? ['--preserve-fds', String(extra)] : []),
      ...(request.options?.noPivot === true ? ['--no-pivot'] : []),
      ...(request.options?.noNewKeyring === true ? ['--no-new-keyring'] : []),
      ...['--', cid],
    ],
    signal,
    { files: request.files },
  );
  return takePid(pidFile);
}

/** Where a container's own root is mounted when it came as an open directory. */
export const mountedRoot = (directory: string): string => join(directory, 'rootfs');

async function mountRoot(directory: string, fd: number | undefined): Promise<string | undefined> {
  if (fd === undefined) return undefined;
  const target = mountedRoot(directory);
  await mkdir(target);
  namespace.bindMount(`/proc/self/fd/${fd}`, target);
  return target;
}

/** @throws RunstateError MISSING_ARGUMENT */
export function console_(
  { consoleSocket }: { readonly consoleSocket?: string },
  isTerminal: boolean | undefined,
): string[] {
  if (isTerminal !== true) return [];
  if (consoleSocket === undefined)
    throw new RunstateError('MISSING_ARGUMENT', {
      what: 'a terminal is wanted, and no console socket is given',
    });
  return ['--console-socket', consoleSocket];
}
