import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { RunstateError, messageOf } from '../../../errors/index.ts';
import type { ContainerSpec, Mount } from '../../../oci/types.ts';
import { cancelled, isAborted } from '../../cancelled.ts';
import type { SandboxCgroups } from '../cgroups/index.ts';
import type { LinuxContainer } from '../container/linux-container.ts';
import type { CriuCommand } from '../criu/index.ts';
import { mountPointsOf } from '../namespaces/mounts.ts';
import { runToEnd } from '../process/run-to-end.ts';
import type { Runtime } from '../runc/runtime.ts';
import { takeTurn } from '../runc/turns.ts';
import { settingsFile } from './criu-settings.ts';

/** What of a container is beside its own processes, so that a dump names it instead of saving it. */
export interface Outside {
  readonly pid: number;
  readonly rootfs: string;
  /** As `--external` of criu(8) has them. */
  readonly external: readonly string[];
  /** What its init's standard streams were when it was made, as /proc shows them: who restores it asks for that. */
  readonly descriptors: readonly string[];
}

/**
 * What runc would tell CRIU of a container, so that CRIU can be asked without it: that takes a fraction of the time,
 * all of which a container stands still. Undefined where that is not known for sure, and runc is to be asked: what it
 * tells of a container is its own affair (libcontainer/criu_linux.go).
 */
export function outsideOf(
  { cid, initPid }: LinuxContainer,
  spec: ContainerSpec,
  runtime: Runtime,
): Outside | undefined {
  // Only runc can tell CRIU of a terminal whose other end is outside.
  if (initPid === undefined || spec.process?.terminal === true) return undefined;
  const { linux, mounts = [], root } = spec;
  const kinds = (linux?.namespaces ?? []).map(({ type }) => type);
  if (root === undefined || kinds.includes('user') || !kinds.includes('cgroup')) return undefined;
  const descriptors = descriptorsIn(runtime.stateOf(cid));
  if (descriptors === undefined) return undefined;
  const points = new Set(mountPointsOf(initPid));
  const binds = mounts.filter(isBind).map(({ destination }) => normalize(destination));
  // A link on the way makes it another place: only runc knows how it has followed that.
  if (binds.some((place) => !points.has(place))) return undefined;
  return {
    pid: initPid,
    rootfs: root.path,
    external: [
      ...binds.map((place) => `mnt[${place}]:${place}`),
      ...maskedFiles(spec, initPid).map((place) => `mnt[${place}]:/dev/null`),
      ...externalNamespaces(spec),
    ],
    descriptors,
  };
}

/**
 * Saves the processes of a frozen container and leaves them as they are.
 * @throws RunstateError RUNTIME_FAILED when CRIU fails, whose log tells why; CANCELLED
 */
export async function dumpByCriu(
  container: LinuxContainer,
  outside: Outside,
  to: { readonly images: string; readonly criu: CriuCommand; readonly cgroups: SandboxCgroups },
  signal: AbortSignal,
): Promise<void> {
  const { cid, directory } = container;
  const endTurn = isAborted(signal) ? undefined : await takeTurn(signal);
  if (endTurn === undefined) throw cancelled('checkpoint', cid, signal);
  try {
    writeFileSync(join(to.images, 'descriptors.json'), JSON.stringify(outside.descriptors), { mode: 0o600 });
    const status = await runToEnd(
      join(to.criu.path, 'criu'),
      [
        ...['dump', '--tree', String(outside.pid), '--images-dir', to.images, '--work-dir', to.images],
        ...['--log-file', 'dump.log', '--config', settingsFile(directory), '--root', outside.rootfs],
        ...['--leave-running', '--tcp-established', '--file-locks'],
        ...['--manage-cgroups=soft', '--freeze-cgroup', to.cgroups.freezerDirectory(cid)],
        ...outside.external.flatMap((one) => ['--external', one]),
      ],
      { env: { PATH: to.criu.search }, signal },
    );
    if (status === 'exit code 0') return;
    if (isAborted(signal)) throw cancelled('checkpoint', cid, signal);
    throw new RunstateError('RUNTIME_FAILED', { command: 'criu dump', status, lines: '' });
  } finally {
    endTurn();
  }
}

const isBind = ({ type, options }: Mount): boolean =>
  type === 'bind' || (options?.some((one) => one === 'bind' || one === 'rbind') ?? false);

/** Directories are masked by an empty file system of their own, which is saved like any. */
function maskedFiles({ linux }: ContainerSpec, pid: number): readonly string[] {
  return (linux?.maskedPaths ?? []).filter((place) => {
    const status = statSync(`/proc/${pid}/root${place}`, { throwIfNoEntry: false });
    return status !== undefined && !status.isDirectory();
  });
}

/** Those kinds that runc has CRIU find again by these names. */
const named = { network: 'net[%]:extRootNetNS', pid: 'pid[%]:extRootPidNS' } as const;

function externalNamespaces({ linux }: ContainerSpec): readonly string[] {
  return (linux?.namespaces ?? []).flatMap(({ type, path }) =>
    path === undefined || path === '' || (type !== 'network' && type !== 'pid')
      ? []
      : [named[type].replace('%', String(statSync(path).ino))],
  );
}

/** `external_descriptors` of runc's state. */
function descriptorsIn(state: string): readonly string[] | undefined {
  const file = join(state, 'state.json');
  let read: unknown;
  try {
    read = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new RunstateError('SYSTEM', { call: 'read', what: file, why: messageOf(error) }, { cause: error });
  }
  if (typeof read !== 'object' || read === null || !('external_descriptors' in read)) return undefined;
  const found: unknown = read.external_descriptors;
  return Array.isArray(found) && found.every((one) => typeof one === 'string') ? found : undefined;
}
