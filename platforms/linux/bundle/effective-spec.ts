import { isAbsolute, resolve } from 'node:path';
import type { ContainerSpec, Mount, Namespace } from '../../../oci/types.ts';

/** What of a sandbox goes into the specs of its containers. */
export interface SandboxParts {
  readonly bundle: string;
  readonly cgroupsPath: string;
  /** The pin of the sandbox's network namespace. */
  readonly network: string;
  /** Of the root container's init, in the host's numbering; undefined for the root container itself. */
  readonly rootPid: number | undefined;
  /** An absolute path in place of the spec's own. */
  readonly rootPath: string | undefined;
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
  const sharesName = joined.some(({ type, path }) => type === 'uts' && path !== undefined);
  const { hostname, domainname, ...rest } = spec;
  return {
    ...rest,
    // A host name that is shared is not a container's to set.
    ...(sharesName || hostname === undefined ? {} : { hostname }),
    ...(sharesName || domainname === undefined ? {} : { domainname }),
    root: { ...spec.root, path: parts.rootPath ?? resolve(parts.bundle, spec.root?.path ?? 'rootfs') },
    ...(spec.mounts === undefined ? {} : { mounts: spec.mounts.map((one) => absolute(one, parts.bundle)) }),
    linux: { ...spec.linux, namespaces: joined, cgroupsPath: parts.cgroupsPath },
  };
}

function join(one: Namespace, spec: ContainerSpec, { network, rootPid }: SandboxParts): Namespace {
  if (one.path !== undefined && one.path !== '') return one;
  if (one.type === 'network') return { ...one, path: network };
  const isShared =
    one.type === 'ipc' ||
    one.type === 'uts' ||
    (one.type === 'pid' && spec.annotations?.[sharePid] === 'true');
  if (rootPid === undefined || !isShared) return { type: one.type };
  return { ...one, path: `/proc/${rootPid}/ns/${one.type}` };
}

function absolute(mount: Mount, bundle: string): Mount {
  const isBind =
    mount.type === 'bind' || (mount.options?.some((one) => one === 'bind' || one === 'rbind') ?? false);
  if (!isBind || mount.source === undefined || isAbsolute(mount.source)) return mount;
  return { ...mount, source: resolve(bundle, mount.source) };
}
