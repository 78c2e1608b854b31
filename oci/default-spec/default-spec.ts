import { seccompProfile } from '../seccomp/profile.ts';
import type { ContainerSpec, Namespace } from '../types.ts';
import { parseSpec } from '../validate.ts';
import { capabilitySets, defaultCapabilities } from './capabilities.ts';
import { resourcesFor } from './limits.ts';
import { machineTraits } from './machine.ts';
import { mountsFor } from './mounts.ts';
import type { DefaultSpecOptions } from './options.ts';
import { maskedPaths, readonlyPaths } from './paths.ts';

/** Of a sandbox for which none is asked. */
export const defaultHostname = 'runstate';

/** Where programs are on every distribution. */
const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** A new network namespace holds nothing but a loopback device. */
const namespaces: readonly Namespace[] = ['pid', 'network', 'ipc', 'uts', 'mount'].map((type) => ({ type }));

/**
 * A spec for work that nobody trusts: no new privileges, the capabilities and the system calls that container engines
 * allow, host files masked, a read-only root file system, no network but loopback, and limits of memory, processor time
 * and processes. What a container needs beyond is an option, or is changed in the result.
 * @throws RunstateError INVALID_ARGUMENT for a limit that is none, SPEC for what would make no valid spec,
 * NOT_SUPPORTED on a processor that the seccomp profile is not for
 */
export function defaultSpec(options: DefaultSpecOptions = {}): ContainerSpec {
  const machine = options.machine ?? machineTraits();
  const user = options.user ?? { uid: 0, gid: 0 };
  const readonlyRoot = options.readonlyRoot ?? true;
  const spec: ContainerSpec = {
    ociVersion: '1.0.2',
    process: {
      terminal: options.terminal ?? false,
      user,
      args: options.args ?? ['sh'],
      env: environment(options),
      cwd: options.cwd ?? '/',
      capabilities: capabilitySets(user),
      rlimits: [
        { type: 'RLIMIT_NOFILE', hard: 1024, soft: 1024 },
        // A core dump is written by the host, where its core_pattern says.
        { type: 'RLIMIT_CORE', hard: 0, soft: 0 },
      ],
      noNewPrivileges: true,
    },
    root: { path: options.rootfs ?? 'rootfs', readonly: readonlyRoot },
    hostname: options.hostname ?? defaultHostname,
    mounts: mountsFor({
      cgroupNamespace: machine.cgroupNamespace,
      readonlyRoot,
      added: options.mounts ?? [],
    }),
    ...(options.annotations === undefined ? {} : { annotations: options.annotations }),
    linux: {
      namespaces: machine.cgroupNamespace ? [...namespaces, { type: 'cgroup' }] : namespaces,
      resources: resourcesFor(options, machine.swapLimit),
      seccomp: seccompProfile({ arch: machine.arch, capabilities: defaultCapabilities }),
      maskedPaths,
      readonlyPaths,
    },
  };
  return parseSpec(spec, 'default spec');
}

/** The last of two entries for one name wins in most programs, but not in all: each name stands once. */
function environment({ env = [], terminal = false }: DefaultSpecOptions): string[] {
  const given = isList(env) ? env : Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const entries = [path, ...(terminal ? ['TERM=xterm'] : []), ...given];
  const byName = new Map(entries.map((entry) => [entry.split('=', 1)[0], entry]));
  return [...byName.values()];
}

/** Array.isArray does not narrow a readonly list. */
function isList(env: NonNullable<DefaultSpecOptions['env']>): env is readonly string[] {
  return Array.isArray(env);
}
