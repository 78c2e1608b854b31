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
  const mounts = firstOfEach(mountinfo.split('\n').flatMap(parseMount));
  const v1 = mounts.filter(({ type }) => type === 'cgroup');
  // The first of a hierarchy's mounts is the machine's; others come and go, as CRIU's while it saves something.
  const controllers = new Map(
    v1.toReversed().flatMap(({ point, options }) => options.map((name) => [name, point] as const)),
  );
  const freezer = controllers.get('freezer');
  if (freezer !== undefined)
    return { version: 1, mounts: [...new Set(mounts.map(({ point }) => point))], controllers, freezer };
  const v2 = mounts.find(({ type, point }) => type === 'cgroup2' && point === '/sys/fs/cgroup');
  if (v2 !== undefined) return { version: 2, mount: v2.point };
  throw new RunstateError('NOT_SUPPORTED', {
    what: 'running containers',
    why:
      mounts.length === 0
        ? 'no cgroup file system is mounted'
        : 'there is neither a freezer hierarchy (cgroup v1) nor cgroup v2 at /sys/fs/cgroup',
  });
}

/** One hierarchy may be mounted twice: what CRIU mounts for a while, and whoever else, comes later than the machine's own. */
function firstOfEach(mounts: readonly CgroupMount[]): readonly CgroupMount[] {
  return [...new Map(mounts.toReversed().map((one) => [one.device, one])).values()].toReversed();
}

interface CgroupMount {
  /** Of the hierarchy, `major:minor`. */
  readonly device: string;
  readonly type: string;
  readonly point: string;
  readonly options: readonly string[];
}

function parseMount(line: string): CgroupMount[] {
  const [before, after] = line.split(' - ');
  const [, , device, , point] = before?.split(' ') ?? [];
  const [type, , options] = after?.split(' ') ?? [];
  if (device === undefined || point === undefined || (type !== 'cgroup' && type !== 'cgroup2')) return [];
  return [{ device, type, point, options: options?.split(',') ?? [] }];
}
