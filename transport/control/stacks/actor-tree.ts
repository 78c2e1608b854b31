import type { ContainerRecord } from '../../../actors/container/container-record.ts';
import type { PendingRequest } from '../../../actors/port/port.ts';
import type { SandboxSystem } from '../../../actors/sandbox/sandbox-system.ts';
import { seconds } from './seconds.ts';

interface ActorPort {
  readonly state: string;
  readonly since: number;
  readonly alive: boolean;
  readonly requests: readonly PendingRequest[];
}

/** Each chart of a sandbox with its state, how long it has been in it, and what it is asked. */
export function actorTree(system: SandboxSystem, now: number): readonly string[] {
  return [
    `sandbox ${JSON.stringify(system.id)} on platform ${system.platformName}: ${stateOf(system.port, now)}`,
    ...asked(system.port, now, '  '),
    ...system.containers.flatMap((record) => ofContainer(record, now)),
  ];
}

function ofContainer(
  { cid, isRoot, facts, port, processes }: ContainerRecord,
  now: number,
): readonly string[] {
  const pid = facts.hostPid === 0 ? '' : `, init ${facts.hostPid} on the host`;
  return [
    `  ${isRoot ? 'root container' : 'container'} ${JSON.stringify(cid)}: ${stateOf(port, now)}${pid}`,
    ...asked(port, now, '    '),
    ...[...processes.ports].flatMap(([number, process]) => [
      `    process ${number}: ${stateOf(process, now)}`,
      ...asked(process, now, '      '),
    ]),
  ];
}

const stateOf = ({ state, since, alive }: ActorPort, now: number): string =>
  `${state}${since === 0 ? '' : ` for ${seconds(now - since)}`}${alive ? '' : ', its actor is gone'}`;

const asked = ({ requests }: ActorPort, now: number, indent: string): readonly string[] =>
  requests.map(({ id, verb, since }) => `${indent}asked to ${verb}, ${seconds(now - since)} ago (${id})`);
