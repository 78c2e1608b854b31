import type { Deadlines } from '../deadlines.ts';
import type { Operation, PendingRequest } from '../port/port.ts';
import { callText, type Finding } from './finding.ts';
import type { WatchdogLimits } from './limits.ts';
import type { PlatformCalls } from './platform-calls.ts';

/** What of a port is looked at. */
interface WatchedPort {
  readonly kind: string;
  readonly id: string;
  readonly state: string;
  readonly since: number;
  readonly requests: readonly PendingRequest[];
  readonly operations: readonly Operation[];
}

/** What of a sandbox is looked at. */
interface WatchedSystem {
  readonly deadlines: Deadlines;
  readonly calls: PlatformCalls;
  readonly port: WatchedPort;
  readonly containers: readonly { readonly port: WatchedPort }[];
}

/** It waits for a process to end, which takes as long as that lives. */
const takesForEver = 'wait';

/**
 * The charts that are in a state past its deadline, the requests that nobody carries out, and the work inside a state that
 * has not settled within its limit. @param now milliseconds since the Unix epoch
 */
export function overdue(system: WatchedSystem, now: number, limits: WatchdogLimits): readonly Finding[] {
  const { deadlines } = system;
  return [
    ...ofPort(system, system.port, { ...deadlines.sandbox }, now, limits),
    ...system.containers.flatMap(({ port }) => ofPort(system, port, { ...deadlines.container }, now, limits)),
  ];
}

function ofPort(
  system: WatchedSystem,
  port: WatchedPort,
  deadlines: Readonly<Record<string, number>>,
  now: number,
  { late, answer }: WatchdogLimits,
): readonly Finding[] {
  const { kind, id, state, since } = port;
  const thing = `${kind} ${JSON.stringify(id)}`;
  const deadline = since === 0 ? undefined : deadlines[state];
  const isPast = deadline !== undefined && now - since > deadline + late;
  const forgotten =
    deadline !== undefined
      ? []
      : port.requests.filter(
          ({ verb, since: asked }) => verb !== takesForEver && now - Math.max(asked, since) > late,
        );
  // The work settles when the platform does, which has its own patience.
  const endless = port.operations.filter(({ since: begun, limit }) => now - begun > limit + answer);
  return [
    ...(isPast
      ? [
          {
            ...{ key: `${thing} ${state} ${since}`, kind: 'overdue' as const, thing, since },
            waitsFor: `the end of ${state}, which was to last ${deadline} ms: ${underWay(system, port)}`,
          },
        ]
      : []),
    ...[...forgotten, ...endless].map(({ id: request, verb, since: asked }) => ({
      ...{ key: `${thing} ${request}`, kind: 'overdue' as const, thing: `${verb} of ${thing}`, since: asked },
      waitsFor: `the answer to ${request}, in state ${state}: ${underWay(system, port)}`,
    })),
  ];
}

/** Of a sandbox all that is under way. */
function underWay({ calls }: Pick<WatchedSystem, 'calls'>, { kind, id }: WatchedPort): string {
  const found = [...calls.open].filter((call) => kind === 'sandbox' || call.id === id || call.id === '');
  return found.length === 0
    ? 'nothing of the platform is under way'
    : `the platform is at ${found.map(callText).join(', ')}`;
}
