import { failPoint } from '../../../faults/fault-point.ts';
import { mkdirSync, readlinkSync, realpathSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { stringifyExact } from '../../../oci/index.ts';
import type { ContainerSpec } from '../../../oci/types.ts';
import type { CreateRequest, OverlayKind, ProcessFiles } from '../../platform.ts';
import { checkRoot } from '../bundle/check-root.ts';
import { effectiveSpec } from '../bundle/effective-spec.ts';
import {
  Handover,
  chooseInit,
  hasPlace,
  initDestination,
  isPause,
  withInit,
  type InitChoice,
} from '../init/index.ts';
import { mountDirectory } from '../namespaces/mounts.ts';
import { settingsFile } from '../checkpoint/criu-settings.ts';
import { chooseOverlay, overlayRoot, type ChosenOverlay } from '../overlay/index.ts';
import type { SharedNamespaces } from '../namespaces/shared.ts';
import type { Runtime } from '../runc/runtime.ts';
import { systemFailure } from '../system-error.ts';
import { consoleArguments, fileArguments, withFile } from './console-arguments.ts';
import type { LinuxContainer } from './linux-container.ts';
import { keepMadeFrom } from './made-from.ts';

export interface CreateParts {
  readonly runtime: Runtime;
  readonly cgroupsPath: string;
  readonly network: string;
  readonly shared: SharedNamespaces | undefined;
  readonly init: Omit<InitChoice, 'hasPlace'>;
  /** Of a container of which it is not said. */
  readonly overlay: OverlayKind;
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
  const { options, consoleSocket } = request;
  const terminal = consoleArguments(request.spec.process?.terminal, consoleSocket);
  let passed = request.files;
  writeBundle(container, request, parts, (effective) => {
    const made = inited(container, effective, request.files, parts.init);
    passed = made.files;
    return made.spec;
  });
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
    { files: passed },
  );
  container.handover?.letGo();
}

/** What of a request its bundle is made of. */
export type BundleRequest = Pick<CreateRequest, 'bundle' | 'spec' | 'rootDirectory' | 'options'>;

/**
 * Writes the bundle that the runtime gets. Small files, written at once: a turn through the thread pool for each would
 * take longer. @param finish makes the last changes to the spec @throws RunstateError SYSTEM
 */
export function writeBundle(
  { directory }: LinuxContainer,
  request: BundleRequest,
  parts: Pick<CreateParts, 'cgroupsPath' | 'network' | 'shared' | 'overlay'>,
  finish: (effective: ContainerSpec) => ContainerSpec,
): void {
  const { bundle, spec } = request;
  try {
    // May be passed through: the root of a user namespace, not the host's, opens what is mounted in it.
    mkdirSync(directory, { recursive: true, mode: 0o711 });
    const chosen = chooseOverlay(request, parts.overlay);
    const rootPath = rootPathOf(directory, request, chosen);
    const { cgroupsPath, network, shared } = parts;
    const settings = settingsFile(directory);
    const effective = effectiveSpec(spec, { bundle, cgroupsPath, network, shared, rootPath, settings });
    if (effective.root !== undefined) checkRoot(bundle, effective.root.path);
    writeFileSync(join(directory, 'config.json'), toJson(finish(effective)), { mode: 0o600 });
    keepMadeFrom(directory, request, chosen);
    failPoint('create.bundled');
  } catch (error) {
    throw systemFailure('prepare', directory, error);
  }
}

/** Has runstate-init as pid 1, or not. */
function inited(
  container: LinuxContainer,
  spec: ContainerSpec,
  files: ProcessFiles,
  choice: Omit<InitChoice, 'hasPlace'>,
): { readonly spec: ContainerSpec; readonly files: ProcessFiles } {
  container.command = spec.process?.args?.[0] ?? '';
  const destination = initDestination(spec);
  if (chooseInit(spec, { ...choice, hasPlace: hasPlace(spec, destination) }) === 'none')
    return { spec, files };
  container.helper = destination;
  if (isPause(spec)) return { spec: withInit(spec, destination, undefined), files };
  container.handover = new Handover();
  const passed = withFile(files, container.handover.theirs);
  return { spec: withInit(spec, destination, passed.length - 1), files: passed };
}

/** Where a container's root is mounted when it came as an open directory, or has a layer above it. */
export const mountedRoot = (directory: string): string => join(directory, 'rootfs');

function rootPathOf(
  directory: string,
  { bundle, spec, rootDirectory }: BundleRequest,
  chosen: ChosenOverlay,
): string | undefined {
  // Runtimes refuse a path with links in it.
  const own = (): string | undefined =>
    spec.root === undefined ? undefined : withoutLinks(resolve(bundle, spec.root.path));
  const target = mountedRoot(directory);
  if (chosen.kind !== 'none') {
    const path = rootDirectory === undefined ? own() : readlinkSync(`/proc/self/fd/${rootDirectory}`);
    if (path === undefined) return undefined;
    overlayRoot(directory, { path, fd: rootDirectory }, chosen, target);
    return target;
  }
  if (rootDirectory === undefined) return own();
  mkdirSync(target);
  mountDirectory(rootDirectory, target);
  return target;
}

/** Runtimes refuse a path with links in it. */
function withoutLinks(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    // The error itself names only the first part of the path that is not there.
    throw systemFailure('open root file system', JSON.stringify(path), error);
  }
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
