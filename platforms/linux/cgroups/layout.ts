import { readFile } from 'node:fs/promises';
import { RunstateError } from '../../../errors/index.ts';

/**
 * How this machine has mounted its cgroups. `v1` has a directory for each controller, beside which v2 may be mounted
 * too, for systemd (hybrid); an OCI runtime uses v1 then. See cgroups(7).
 */
export type CgroupLayout =
  | {
      readonly version: 1;
      /** Mount points of all hierarchies, also those without a controller, and v2's: runc puts containers there, too. */
      readonly mounts: readonly string[];
      /** Mount points by controller. */
      readonly controllers: ReadonlyMap<string, string>;
      readonly freezer: string;
    }
  | { readonly version: 2; readonly mount: string };

/** @throws RunstateError NOT_SUPPORTED when containers could not be frozen or found */
export async function detectLayout(): Promise<CgroupLayout> {
  return parseLayout(await readFile('/proc/self/mountinfo', 'utf8'));
}

/** @param mountinfo as of proc_pid_mountinfo(5) @throws RunstateError NOT_SUPPORTED */
export function parseLayout(mountinfo: string): CgroupLayout {
  const mounts = onePerHierarchy(mountinfo.split('\n').flatMap(parseMount));
  const v1 = mounts.filter(({ type }) => type === 'cgroup');
  const controllers = new Map(
    v1.flatMap(({ point, options }) => options.map((name) => [name, point] as const)),
  );
  const freezer = controllers.get('freezer');
  if (freezer !== undefined)
    return { version: 1, mounts: mounts.map(({ point }) => point), controllers, freezer };
  const v2 = mounts.find(({ type, point }) => type === 'cgroup2' && point === usual);
  if (v2 !== undefined) return { version: 2, mount: v2.point };
  throw new RunstateError('NOT_SUPPORTED', {
    what: 'running containers',
    why:
      mounts.length === 0
        ? 'no cgroup file system is mounted'
        : 'there is neither a freezer hierarchy (cgroup v1) nor cgroup v2 at /sys/fs/cgroup',
  });
}

/** Where cgroups are by convention. */
const usual = '/sys/fs/cgroup';

/**
 * A hierarchy may be mounted more than once: CRIU mounts each again, in a directory of its own, while it saves or
 * restores. The one at the usual place is meant, or else the first.
 */
function onePerHierarchy(mounts: readonly CgroupMount[]): readonly CgroupMount[] {
  const isUsual = ({ point }: CgroupMount): boolean => point === usual || point.startsWith(`${usual}/`);
  const chosen = new Map<string, CgroupMount>();
  for (const mount of [...mounts.filter(isUsual), ...mounts])
    if (!chosen.has(mount.device)) chosen.set(mount.device, mount);
  return [...chosen.values()];
}

interface CgroupMount {
  readonly type: string;
  /** major:minor, of the hierarchy. */
  readonly device: string;
  readonly point: string;
  readonly options: readonly string[];
}

function parseMount(line: string): CgroupMount[] {
  const [before, after] = line.split(' - ');
  const [, , device, , point] = before?.split(' ') ?? [];
  const [type, , options] = after?.split(' ') ?? [];
  if (device === undefined || point === undefined || (type !== 'cgroup' && type !== 'cgroup2')) return [];
  return [{ type, device, point, options: options?.split(',') ?? [] }];
}
