import { basename } from 'node:path';
import { RunstateError } from '../../../errors/index.ts';
import type { ContainerSpec } from '../../../oci/types.ts';
import type { InitKind } from '../../platform.ts';
import { letsInitRun } from './seccomp.ts';

/** In config.json: `runstate` or `none`. */
const annotation = 'dev.runstate.init';

export interface InitChoice {
  /** What whoever creates the container asks for. */
  readonly asked: InitKind | undefined;
  /** What the platform was told to use where nobody asks. */
  readonly usual: InitKind | undefined;
  /** The kernel keeps the statuses of others' children. */
  readonly keepsStatuses: boolean;
  /** Its file can be mounted where the container sees it. */
  readonly hasPlace: boolean;
}

/** Programs that are an init themselves: some refuse to be anything but pid 1, and all reap. */
const inits = [
  'init',
  'systemd',
  'tini',
  'tini-static',
  'docker-init',
  'podman-init',
  'catatonit',
  'dumb-init',
  's6-svscan',
  'runit-init',
  'openrc-init',
];

/**
 * Whether a container's pid 1 is runstate-init, by its effective spec. What is asked for by name is done or refused;
 * where nobody asks it is used wherever it can be, except for a program that is an init itself.
 * @throws RunstateError NOT_SUPPORTED, INVALID_ARGUMENT for an annotation that is neither
 */
export function chooseInit(
  spec: ContainerSpec,
  { asked, usual, keepsStatuses, hasPlace }: InitChoice,
): InitKind {
  const wanted = asked ?? annotated(spec);
  if (wanted === 'none') return 'none';
  const why = whyNot(spec, keepsStatuses) ?? (hasPlace ? undefined : noPlace);
  if (wanted === 'runstate') {
    if (why === undefined) return 'runstate';
    throw new RunstateError('NOT_SUPPORTED', { what: "an init of runstate's own", why });
  }
  if (why !== undefined || usual === 'none') return 'none';
  return inits.includes(basename(spec.process?.args?.[0] ?? '')) ? 'none' : 'runstate';
}

function annotated({ annotations }: ContainerSpec): InitKind | undefined {
  const value = annotations?.[annotation];
  if (value === undefined || value === 'runstate' || value === 'none') return value;
  const what = `the annotation ${annotation} is ${JSON.stringify(value)}, neither "runstate" nor "none"`;
  throw new RunstateError('INVALID_ARGUMENT', { what });
}

const noPlace = 'the root file system is read-only, and has no place for it';

/** Why it cannot be used; undefined when it can. */
function whyNot({ process, linux }: ContainerSpec, keepsStatuses: boolean): string | undefined {
  if (process?.args?.[0] === undefined) return 'the spec has no program';
  const own = linux?.namespaces?.find(({ type }) => type === 'pid');
  if (own === undefined || (own.path !== undefined && own.path !== ''))
    return 'the container has no pid namespace of its own, and so no pid 1';
  if (!keepsStatuses)
    return "this kernel does not tell the exit status of another's child (Linux 6.15 and later do)";
  if (Number(linux?.resources?.pids?.limit ?? 0) === 1)
    return 'one process is all that the container may have';
  if (!letsInitRun(linux?.seccomp)) return "the spec's seccomp profile refuses what it has to do";
  return undefined;
}
