import { builtFile } from '../../../native/index.ts';
import type { ContainerSpec, Mount, ProcessSpec } from '../../../oci/types.ts';

/** The program of ours that is pid 1 of containers and starts what is exec'd in them: native/helpers/runstate-init. */
const program = 'runstate-init';

const normal = '/dev/runstate-init';
const besides = '/.runstate-init';

/**
 * Where a container sees it. In /dev where that is the container's own; the runtime makes the file to mount on, and a
 * /dev that is the host's must not get one.
 */
export function initDestination({ mounts = [] }: ContainerSpec): string {
  const covers = mounts.filter(({ destination }) => destination === '/dev' || destination === '/dev/');
  return covers.at(-1)?.type === 'bind' || isBind(covers.at(-1)) ? besides : normal;
}

const isBind = (mount: Mount | undefined): boolean =>
  mount?.options?.some((one) => one === 'bind' || one === 'rbind') ?? false;

/** The container has no program of its own: runstate-init itself is what its spec asks for, and only waits. */
export function isPause({ process }: ContainerSpec): boolean {
  return process?.args?.[0] === normal && process.args[1] === 'pause';
}

/**
 * The spec with runstate-init as pid 1, which starts its program. A mount of the file, not an open file handed over: a
 * checkpoint can save that. It cannot be written to from inside (CVE-2019-5736): the mount is read-only. It comes last,
 * so that nothing is mounted over it.
 * @param talk the number that its end of the {@link Handover} has in the container; undefined for {@link isPause}
 */
export function withInit(spec: ContainerSpec, destination: string, talk: number | undefined): ContainerSpec {
  const { process, mounts = [] } = spec;
  const mount: Mount = {
    destination,
    type: 'bind',
    source: builtFile(program),
    options: ['bind', 'ro', 'nosuid', 'nodev'],
  };
  return {
    ...spec,
    mounts: [...mounts.filter((one) => one.destination !== destination), mount],
    ...(process === undefined || talk === undefined
      ? {}
      : { process: { ...process, args: [destination, 'run', String(talk), '--', ...(process.args ?? [])] } }),
  };
}

/** A process to exec, started by runstate-init as a child of pid 1. */
export function throughHelper(
  process: ProcessSpec,
  destination: string,
  talk: number,
  takesTerminal: boolean,
): ProcessSpec {
  const flags = takesTerminal ? ['-t'] : [];
  return { ...process, args: [destination, 'exec', ...flags, String(talk), '--', ...(process.args ?? [])] };
}
