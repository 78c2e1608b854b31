import { isAbsolute, resolve } from 'node:path';
import type { ContainerSpec, Mount, Namespace } from '../../../oci/types.ts';
import { settingsAnnotation } from '../checkpoint/criu-settings.ts';
import { isSharedKind, type SharedNamespaces } from '../namespaces/shared.ts';

/** What of a sandbox goes into the specs of its containers. */
export interface SandboxParts {
  readonly bundle: string;
  readonly cgroupsPath: string;
  /** The pin of the sandbox's network namespace. */
  readonly network: string;
  /** The root container's namespaces; undefined for the root container itself. */
  readonly shared: SharedNamespaces | undefined;
  /** An absolute path without links, in place of the spec's own. */
  readonly rootPath: string | undefined;
  /** Where the container's settings for CRIU will lie. */
  readonly settings: string;
}

/** Asks for the root container's pid namespace. */
const sharePid = 'dev.runstate.share-pid';

/**
 * The spec that the runtime gets: paths absolute, the cgroup ours, and the namespaces that the spec leaves open those
 * of the sandbox: the network; for a sub-container also ipc and uts. What the spec names by path stays, and so does the
 * absence of a namespace, which means the host's. With a user namespace all stay the spec's: its own user could not use ours.
 */
export function effectiveSpec(spec: ContainerSpec, parts: SandboxParts): ContainerSpec {
  const namespaces = spec.linux?.namespaces ?? [];
  const joined = namespaces.some(({ type }) => type === 'user')
    ? namespaces
    : namespaces.map((one) => join(one, spec, parts));
  const joinsName = joined.some(({ type }, index) => type === 'uts' && joined[index] !== namespaces[index]);
  const { hostname, domainname, ...rest } = spec;
  return {
    ...rest,
    // The sandbox's host name is its root container's, not a sub-container's to set.
    ...(joinsName || hostname === undefined ? {} : { hostname }),
    ...(joinsName || domainname === undefined ? {} : { domainname }),
    ...(parts.rootPath === undefined ? {} : { root: { ...spec.root, path: parts.rootPath } }),
    ...(spec.mounts === undefined ? {} : { mounts: spec.mounts.map((one) => absolute(one, parts.bundle)) }),
    // A spec's own settings may name what would keep a checkpoint of several containers from being one.
    annotations: { ...spec.annotations, [settingsAnnotation]: parts.settings },
    linux: { ...spec.linux, namespaces: joined, cgroupsPath: parts.cgroupsPath },
  };
}

/** The same object when nothing is joined. */
function join(one: Namespace, spec: ContainerSpec, { network, shared }: SandboxParts): Namespace {
  const { type } = one;
  if (one.path !== undefined && one.path !== '') return one;
  if (type === 'network') return { ...one, path: network };
  if (shared === undefined || !isSharedKind(type)) return one;
  if (type === 'pid' && spec.annotations?.[sharePid] !== 'true') return one;
  const path = shared.path(type);
  // The root container has the host's: then one of its own is what the spec asks for.
  return path === undefined ? one : { ...one, path };
}

/** Of binds alone: any other file system's source is no path. */
function absolute(mount: Mount, bundle: string): Mount {
  const isBind =
    mount.type === 'bind' || (mount.options?.some((one) => one === 'bind' || one === 'rbind') ?? false);
  if (!isBind || mount.source === undefined || isAbsolute(mount.source)) return mount;
  return { ...mount, source: resolve(bundle, mount.source) };
}
