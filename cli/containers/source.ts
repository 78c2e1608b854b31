/** What a container is made from: a bundle, or a root file system and a command. */
import { makeBundle, removeBundle, rootFileSystem, writeConfig } from '../../library/bundle.ts';
import {
  defaultSpec,
  readBundle,
  resolveUser,
  sandboxOf,
  type ContainerSpec,
  type User,
} from '../../oci/index.ts';
import { RunstateError } from '../../errors/index.ts';
import type { OverlayKind } from '../../platforms/platform.ts';
import type { Context } from '../context.ts';

export interface Source {
  readonly id: string;
  /** The sandbox that the container will be in: one of its own when this is its id. */
  readonly sandbox: string;
  readonly terminal: boolean;
  /** Makes it ready; the sandbox is there. */
  readonly prepare: (
    signal: AbortSignal,
  ) => Promise<{ readonly bundle: string; readonly spec: ContainerSpec }>;
  /** Undoes `prepare`. */
  readonly discard: () => Promise<void>;
}

/**
 * A bundle, checked. Annotations of containerd and CRI-O put its container into an existing sandbox.
 * @param tty asks for a terminal, whatever the spec says
 * @throws RunstateError BUNDLE, SPEC
 */
export async function bundleSource(id: string, directory: string, tty: boolean): Promise<Source> {
  const { directory: bundle, spec } = await readBundle(directory);
  const membership = sandboxOf(spec);
  if (membership.kind === 'sub' && membership.sandbox === id)
    throw new RunstateError('BUNDLE', { bundle, why: `its annotations put container ${id} into itself` });
  const process = spec.process;
  return {
    id,
    sandbox: membership.kind === 'root' ? id : membership.sandbox,
    terminal: tty || process?.terminal === true,
    prepare: () =>
      Promise.resolve({
        bundle,
        spec: tty && process !== undefined ? { ...spec, process: { ...process, terminal: true } } : spec,
      }),
    discard: () => Promise.resolve(),
  };
}

export interface RootfsOptions {
  /** A directory or a tar file. */
  readonly rootfs: string;
  /** Joins this sandbox. */
  readonly sandbox?: string;
  readonly tty: boolean;
  readonly args: readonly string[];
  readonly memory?: string;
  readonly cpus?: number;
  readonly pids?: number;
  /** `NAME=value`. */
  readonly env: readonly string[];
  readonly cwd?: string;
  readonly user?: string;
  readonly hostname?: string;
  readonly writable: boolean;
  readonly overlay?: OverlayKind;
}

/** A root file system, and a spec that is safe by default. The bundle is made in the sandbox's run directory, and goes with it. */
export function rootfsSource(context: Context, id: string, options: RootfsOptions): Source {
  const sandbox = options.sandbox ?? id;
  let made: string | undefined;
  const discard = async (): Promise<void> => {
    if (made !== undefined) await removeBundle(made);
  };
  const prepare: Source['prepare'] = async (signal) => {
    const bundle = await makeBundle(context.root, sandbox, id);
    made = bundle;
    const root = await rootFileSystem(options.rootfs, bundle, signal);
    const spec = defaultSpec({
      args: options.args,
      env: options.env,
      rootfs: root.path,
      readonlyRoot: !options.writable && !root.isOwn && !hasLayer(options.overlay),
      terminal: options.tty,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.user === undefined ? {} : { user: await userOf(options.user, root.path) }),
      ...(options.hostname === undefined ? {} : { hostname: options.hostname }),
      ...(options.memory === undefined ? {} : { memory: options.memory }),
      ...(options.cpus === undefined ? {} : { cpus: options.cpus }),
      ...(options.pids === undefined ? {} : { pids: options.pids }),
    });
    await writeConfig(bundle, spec);
    return { bundle, spec };
  };
  return { id, sandbox, terminal: options.tty, prepare, discard };
}

/** Then what it writes is its own. */
const hasLayer = (overlay: OverlayKind | undefined): boolean => overlay !== undefined && overlay !== 'none';

/** A user as a process document has it. @throws RunstateError INVALID_ARGUMENT */
export async function userOf(text: string, root: string): Promise<User> {
  const { uid, gid, additionalGids } = await resolveUser(text, root);
  return { uid, gid, additionalGids };
}
