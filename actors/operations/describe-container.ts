import { toWaitStatus } from '../../platforms/exit-status.ts';
import type { PublicState } from '../../machines/public-state.ts';
import type { OciState } from '../../oci/types.ts';
import type { ContainerRecord } from '../container/container-record.ts';
import type { SandboxSystem } from '../sandbox/sandbox-system.ts';

/** OCI's state document, and what else the supervisor believes of a container. */
export interface ContainerDescription extends OciState {
  /** The chart's own state, which tells transient ones apart (`pausing`). */
  readonly chart: string;
  readonly sandbox: string;
  /** RFC 3339. */
  readonly created: string;
  /** Linux wait status; only of an init that has ended, and of which it is known. */
  readonly exitStatus?: number;
  readonly oomKills: number;
}

/** Describes a container as it is believed to be now. @throws RunstateError CONTAINER_NOT_FOUND */
export function describeContainer(system: SandboxSystem, cid: string): ContainerDescription {
  return describe(system, system.container(cid));
}

/** Describes all containers of a sandbox, the root first. */
export function describeContainers(system: SandboxSystem): readonly ContainerDescription[] {
  return system.containers.map((record) => describe(system, record));
}

/** OCI knows no others: `chart` tells them. */
const ociStatus: Readonly<Record<PublicState, OciState['status']>> = {
  creating: 'creating',
  created: 'created',
  running: 'running',
  paused: 'paused',
  restored: 'paused',
  checkpointed: 'stopped',
  stopped: 'stopped',
  // One that is not found is.
  destroyed: 'stopped',
};

function describe(system: SandboxSystem, record: ContainerRecord): ContainerDescription {
  const { cid, facts, port, status, publicState } = record;
  const exitStatus = status === undefined ? undefined : toWaitStatus(status);
  return {
    ociVersion: facts.ociVersion,
    id: cid,
    status: ociStatus[publicState],
    pid: port.hasTag('alive') ? facts.hostPid : 0,
    bundle: facts.bundle,
    annotations: facts.annotations,
    chart: port.state,
    sandbox: system.id,
    created: record.registeredAt.toISOString(),
    ...(exitStatus === undefined ? {} : { exitStatus }),
    oomKills: port.snapshot?.context.oomKills ?? 0,
  };
}
