import { RunstateError } from '../../errors/index.ts';
import type { SandboxEvent } from '../../machines/sandbox-setup.ts';
import type { ContainerEvent } from '../../machines/container-setup.ts';
import type { ProcessEvent } from '../../machines/process.ts';
import { publicState } from '../../machines/public-state.ts';
import type { ObservedState } from '../../platforms/inspection.ts';
import type { Call } from '../call.ts';
import type { ContainerRecord } from '../container/container-record.ts';
import type { PendingRequest, PortKind } from '../port/port.ts';
import type { SandboxSystem } from '../sandbox/sandbox-system.ts';
import { within } from './within.ts';

/** One chart, looked at closely. */
export interface InspectedActor {
  readonly state: string;
  /** With the parts of the state. */
  readonly path: string;
  /** Milliseconds since the Unix epoch. */
  readonly since: number;
  /** How long the state may last, in ms; 0 for one that may last for ever. */
  readonly deadline: number;
  /** What people see; "" of a process. */
  readonly publicState: string;
  /** What it may be asked, and why it would refuse that now; "" for what it would take. */
  readonly events: readonly { readonly event: string; readonly refusal: string }[];
  readonly pending: readonly PendingRequest[];
  /** Of a container that has been made: what the platform shows. */
  readonly observed: ObservedState | undefined;
  /** Where that is not what the chart says. None while the chart is on its way to another state. */
  readonly differences: readonly string[];
}

/** Somebody who asks nothing. */
const id = 'inspection';

const sandboxEvents: readonly SandboxEvent[] = [
  { type: 'create', id },
  { type: 'start', id },
  { type: 'pause', id },
  { type: 'resume', id },
  { type: 'checkpoint', id, leaveRunning: false },
  { type: 'restore', id, hold: false },
  { type: 'container.create', id },
  { type: 'container.start', id },
  { type: 'container.pause', id },
  { type: 'container.resume', id },
  { type: 'network', id },
  { type: 'destroy', id },
];

const containerEvents: readonly ContainerEvent[] = [
  { type: 'create', id },
  { type: 'start', id },
  { type: 'exec', id },
  { type: 'pause', id },
  { type: 'resume', id },
  { type: 'signal', id },
  { type: 'inspect', id },
  { type: 'wait', id },
  { type: 'destroy', id },
];

const processEvents: readonly ProcessEvent[] = [{ type: 'wait', id }];

/**
 * Looks at one chart: where it stands, what it would take, who waits for it, and, of a container, whether the platform
 * shows the same. @param actor of a process: `CONTAINER/PID`
 * @throws RunstateError SANDBOX_NOT_FOUND, CONTAINER_NOT_FOUND, PROCESS_NOT_FOUND, INVALID_ARGUMENT, SYSTEM; what `call.signal` was aborted with
 */
export async function inspectActor(
  system: SandboxSystem,
  kind: PortKind,
  actor: string,
  call: Call,
): Promise<InspectedActor> {
  const nothing = { observed: undefined, differences: [] };
  if (kind === 'sandbox') {
    if (actor !== system.id) throw new RunstateError('SANDBOX_NOT_FOUND', { id: actor });
    const limits: Readonly<Record<string, number>> = { ...system.deadlines.sandbox };
    return { ...lookAt(system.port, sandboxEvents, limits), ...nothing };
  }
  if (kind === 'process') {
    const [, cid, number] = /^(.+)\/(\d{1,10})$/.exec(actor) ?? [];
    if (cid === undefined)
      throw new RunstateError('INVALID_ARGUMENT', {
        what: `a process is named CONTAINER/PID, not ${JSON.stringify(actor)}`,
      });
    const pid = Number(number);
    const port = system.container(cid).processes.ports.get(pid);
    if (port === undefined) throw new RunstateError('PROCESS_NOT_FOUND', { cid, pid });
    return { ...lookAt(port, processEvents, {}), publicState: '', ...nothing };
  }
  const record = system.container(actor);
  const observed = await observe(system, record, call);
  const looked = lookAt(record.port, containerEvents, { ...system.deadlines.container });
  return { ...looked, observed, differences: differencesOf(system, record, observed) };
}

/** What of a port is looked at. */
interface Looked<E> {
  readonly state: string;
  readonly path: string;
  readonly since: number;
  readonly requests: readonly PendingRequest[];
  refusal(event: E): RunstateError | undefined;
}

function lookAt<E extends { readonly type: string }>(
  port: Looked<E>,
  events: readonly E[],
  deadlines: Readonly<Record<string, number>>,
): Omit<InspectedActor, 'observed' | 'differences'> {
  const { state, path, since, requests } = port;
  return {
    ...{ state, path, since, deadline: deadlines[state] ?? 0, pending: requests },
    publicState: state === 'reaped' || state === 'ended' ? '' : publicState(state),
    events: events.map((event) => ({ event: event.type, refusal: port.refusal(event)?.message ?? '' })),
  };
}

/** Undefined before there is anything, and when it has gone meanwhile. */
async function observe(
  system: SandboxSystem,
  { cid, port }: ContainerRecord,
  { signal }: Call,
): Promise<ObservedState | undefined> {
  if (['registered', 'creating', 'destroying', 'destroyed'].includes(port.state)) return undefined;
  return within(signal, () => system.platform.inspection.observe(cid));
}

function differencesOf(
  system: SandboxSystem,
  { port }: ContainerRecord,
  observed: ObservedState | undefined,
): readonly string[] {
  if (observed === undefined || port.hasTag('busy') || system.port.hasTag('busy')) return [];
  const { state } = port;
  const lives = port.hasTag('alive') || port.hasTag('unstarted');
  const differences: string[] = [];
  if (lives && observed.init === 'gone') differences.push(`it is ${state}, but its init is gone`);
  if (port.hasTag('ended') && observed.init === 'there')
    differences.push(`it is ${state}, but its init is there`);
  const stands = state === 'paused' || state === 'restored';
  if (stands && !observed.isFrozen) differences.push(`it is ${state}, but its processes are not frozen`);
  if (state === 'running' && observed.isFrozen && observed.processes > 0)
    differences.push('it is running, but its processes are frozen');
  return differences;
}
