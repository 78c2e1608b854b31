import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { stringifyExact } from '../../../oci/index.ts';
import type { CreateRequest } from '../../platform.ts';
import { effectiveSpec } from '../bundle/effective-spec.ts';
import { mountDirectory } from '../namespaces/mounts.ts';
import { settingsFile } from '../checkpoint/criu-settings.ts';
import type { SharedNamespaces } from '../namespaces/shared.ts';
import type { Runtime } from '../runc/runtime.ts';
import { systemFailure } from '../system-error.ts';
import { consoleArguments, fileArguments } from './console-arguments.ts';
import type { LinuxContainer } from './linux-container.ts';
import { keepMadeFrom } from './made-from.ts';

export interface CreateParts {
  readonly runtime: Runtime;
  readonly cgroupsPath: string;
  readonly network: string;
  readonly shared: SharedNamespaces | undefined;
}

/** Where the runtime writes the pid of a container's init. */
export const initPidFile = ({ directory }: LinuxContainer): string => join(directory, 'init.pid');

/**
 * Makes a container up to its waiting init, whose pid is in {@link initPidFile} then. What a failure leaves is
 * `destroy`'s to remove. @throws RunstateError as Runtime.run; SYSTEM, MISSING_ARGUMENT
 */
export async function createByRuntime(
  container: LinuxContainer,
  request: CreateRequest,
  parts: CreateParts,
  signal: AbortSignal,
): Promise<void> {
  const { cid, directory } = container;
  const { files, options, consoleSocket } = request;
  const terminal = consoleArguments(request.spec.process?.terminal, consoleSocket);
  writeBundle(directory, request, parts);
  await parts.runtime.run(
    'create',
    [
      ...['--bundle', directory, '--pid-file', initPidFile(container)],
      ...terminal,
      ...fileArguments(files),
      ...(options?.noPivot === true ? ['--no-pivot'] : []),
      ...(options?.noNewKeyring === true ? ['--no-new-keyring'] : []),
    ],
    cid,
    signal,
    { files },
  );
}

/** What of a request its bundle is made of. */
export type BundleRequest = Pick<CreateRequest, 'bundle' | 'spec' | 'rootDirectory' | 'options'>;

/** Small files, written at once: a turn through the thread pool for each would take longer. */
export function writeBundle(directory: string, request: BundleRequest, parts: CreateParts): void {
  const { bundle, spec } = request;
  try {
    // May be passed through: the root of a user namespace, not the host's, opens what is mounted in it.
    mkdirSync(directory, { recursive: true, mode: 0o711 });
    const rootPath = rootPathOf(directory, request);
    const { cgroupsPath, network, shared } = parts;
    const settings = settingsFile(directory);
    const effective = effectiveSpec(spec, { bundle, cgroupsPath, network, shared, rootPath, settings });
    writeFileSync(join(directory, 'config.json'), toJson(effective), { mode: 0o600 });
    keepMadeFrom(directory, request);
  } catch (error) {
    throw systemFailure('prepare', directory, error);
  }
}

/** Where a container's root is mounted when it came as an open directory. */
export const mountedRoot = (directory: string): string => join(directory, 'rootfs');

function rootPathOf(directory: string, { bundle, spec, rootDirectory }: BundleRequest): string | undefined {
  if (rootDirectory === undefined) {
    // Runtimes refuse a path with links in it.
    return spec.root === undefined ? undefined : realpathSync(resolve(bundle, spec.root.path));
  }
  const target = mountedRoot(directory);
  mkdirSync(target);
  mountDirectory(rootDirectory, target);
  return target;
}

/** JSON.stringify is ten times as fast, and knows no bigint. */
export function toJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (error instanceof TypeError) return stringifyExact(value);
    throw error;
  }
}
