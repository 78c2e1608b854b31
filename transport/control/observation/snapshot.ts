import type { SandboxSystem } from '../../../actors/sandbox/sandbox-system.ts';
import type { SnapshotObservation } from '../../methods/index.ts';

/** All charts of a sandbox as they are now. */
export function snapshotOf({ id, port, containers }: SandboxSystem): SnapshotObservation {
  return {
    type: 'snapshot',
    at: Date.now(),
    sandbox: { id, state: port.state, since: port.since },
    containers: containers.map(({ cid, isRoot, port: { state, since }, processes }) => ({
      ...{ id: cid, isRoot, state, since },
      processes: [...processes.ports].map(([pid, process]) => ({
        ...{ id: `${cid}/${pid}`, state: process.state, since: process.since },
      })),
    })),
  };
}
