import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { stringifyExact } from '../../../oci/index.ts';
import type { ContainerSpec } from '../../../oci/types.ts';
import type { CreateRequest, InitKind, ProcessFiles } from '../../platform.ts';
import { effectiveSpec } from '../bundle/effective-spec.ts';
import {
  Handover,
  checkProgram,
  chooseInit,
  initDestination,
  isPause,
  keepsStatuses,
  withInit,
  type InitChoice,
} from '../init/index.ts';
import { mountDirectory } from '../namespaces/mounts.ts';
import type { SharedNamespaces } from '../namespaces/shared.ts';
import type { Runtime } from '../runc/runtime.ts';
import { systemFailure } from '../system-error.ts';
import { consoleArguments, fileArguments, withFile } from './console-arguments.ts';
import type { LinuxContainer } from './linux-container.ts';
import { readPid } from './pid-file.ts';

export interface CreateParts {
  readonly runtime: Runtime;
  readonly cgroupsPath: string;
  readonly network: string;
  readonly shared: SharedNamespaces | undefined;
  /** Of a container for which none is asked. */
  readonly init: InitKind | undefined;
}

/** Where the runtime writes the pid of a container's init. */
export const initPidFile = ({ directory }: LinuxContainer): string => join(directory, 'init.pid');

/**
 * Makes a container up to its waiting init, whose pid, in the host's numbering, it gives. What a failure leaves is
 * `destroy`'s to remove. @throws RunstateError as Runtime.run; SYSTEM, MISSING_ARGUMENT
 */
export async function createByRuntime(
  container: LinuxContainer,
  request: CreateRequest,
  parts: CreateParts,
  signal: AbortSignal,
): Promise<number> {
  const { cid, directory } = container;
  const { options, consoleSocket } = request;
  const terminal = consoleArguments(request.spec.process?.terminal, consoleSocket);
  const choice = {
    asked: options?.init,
    usual: parts.init,
    keepsStatuses: await keepsStatuses(),
  };
  const passed = writeBundle(container, request, parts, choice);
  await parts.runtime.run(
    'create',
    [
      ...['--bundle', directory, '--pid-file', initPidFile(container)],
      ...terminal,
      ...fileArguments(passed),
      ...(options?.noPivot === true ? ['--no-pivot'] : []),
      ...(options?.noNewKeyring === true ? ['--no-new-keyring'] : []),
    ],
    cid,
    signal,
    passed,
  );
  container.handover?.letGo();
  const hostPid = readPid(initPidFile(container));
  if (container.handover !== undefined && request.spec.process !== undefined)
    checkProgram(hostPid, request.spec.process);
  return hostPid;
}

/** Small files, written at once: a turn through the thread pool for each would take longer. Gives the descriptors to pass. */
function writeBundle(
  container: LinuxContainer,
  request: CreateRequest,
  parts: CreateParts,
  choice: InitChoice,
): ProcessFiles {
  const { directory } = container;
  const { bundle, spec } = request;
  try {
    // May be passed through: the root of a user namespace, not the host's, opens what is mounted in it.
    mkdirSync(directory, { recursive: true, mode: 0o711 });
    const rootPath = rootPathOf(directory, request);
    const { cgroupsPath, network, shared } = parts;
    const effective = effectiveSpec(spec, { bundle, cgroupsPath, network, shared, rootPath });
    const { spec: final, files } = inited(container, effective, request.files, choice);
    writeFileSync(join(directory, 'config.json'), toJson(final), { mode: 0o600 });
    return files;
  } catch (error) {
    throw systemFailure('prepare', directory, error);
  }
}

/** Has runstate-init as pid 1, or not. */
function inited(
  container: LinuxContainer,
  spec: ContainerSpec,
  files: ProcessFiles,
  choice: InitChoice,
): { readonly spec: ContainerSpec; readonly files: ProcessFiles } {
  container.command = spec.process?.args?.[0] ?? '';
  if (chooseInit(spec, choice) === 'none') return { spec, files };
  const destination = initDestination(spec);
  container.helper = destination;
  if (isPause(spec)) return { spec: withInit(spec, destination, undefined), files };
  container.handover = new Handover();
  const passed = withFile(files, container.handover.theirs);
  return { spec: withInit(spec, destination, passed.length - 1), files: passed };
}

/** Where a container's root is mounted when it came as an open directory. */
export const mountedRoot = (directory: string): string => join(directory, 'rootfs');

function rootPathOf(directory: string, { bundle, spec, rootDirectory }: CreateRequest): string | undefined {
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
