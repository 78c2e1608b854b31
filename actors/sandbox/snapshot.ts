import type { SnapshotObservation } from '../../observation/types.ts';
import type { ContainerRecord } from '../container/container-record.ts';
import type { Deadlines } from '../deadlines.ts';
import type { Alarms } from '../watchdog/alarms.ts';
import type { SandboxPort } from './sandbox-logic.ts';

/** All charts of a sandbox as they are now. */
export function snapshotOf(system: {
  readonly id: string;
  readonly port: SandboxPort;
  readonly containers: readonly ContainerRecord[];
  readonly deadlines: Deadlines;
  readonly alarms: Alarms;
}): SnapshotObservation {
  const { id, port, containers, deadlines, alarms } = system;
  return {
    type: 'snapshot',
    at: Date.now(),
    sandbox: { id, state: port.state, path: port.path, since: port.since },
    containers: containers.map(({ cid, isRoot, port: { state, path, since }, processes }) => ({
      ...{ id: cid, isRoot, state, path, since },
      processes: [...processes.ports].map(([pid, process]) => ({
        ...{ id: `${cid}/${pid}`, state: process.state, path: process.path, since: process.since },
      })),
    })),
    deadlines: { sandbox: { ...deadlines.sandbox }, container: { ...deadlines.container } },
    ...(alarms.current.length === 0 ? {} : { alarms: alarms.current }),
  };
}
