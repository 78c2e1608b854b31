import type { AdoptedContainer } from '../../platforms/adoption.ts';
import { isStatus, type ExitStatus } from '../../platforms/exit-status.ts';
import type { KeptContainer, KeptSandbox } from '../journal/kept-context.ts';
import type { ChartImage, ContainerImage, SandboxImage } from '../journal/index.ts';
import { top, type RecoveryPlan, type SandboxGoal } from './plan.ts';

/** Where a sandbox's charts go on: what was believed, corrected by what the platform shows. */
export interface RecoveredSandbox {
  /** `empty` is where it comes to by being opened. */
  readonly state: SandboxGoal | 'created';
  readonly context: KeptSandbox;
  readonly containers: readonly RecoveredContainer[];
}

export interface RecoveredContainer {
  readonly cid: string;
  readonly state: 'registered' | 'created' | 'running' | 'paused' | 'restored' | 'checkpointed' | 'stopped';
  readonly context: KeptContainer;
  readonly facts: unknown;
  readonly processes: readonly { readonly pid: number; readonly status: ExitStatus | undefined }[];
}

/** @param adopted what the platform has taken over, by that plan */
export function recover(
  image: SandboxImage,
  { goal, containers, adopt }: RecoveryPlan,
  adopted: readonly AdoptedContainer[],
): RecoveredSandbox {
  const recovered = containers.map((one) => {
    const found = adopted.find(({ cid }) => cid === one.cid);
    return recoverContainer(one, goal, found, adopt.isFrozen);
  });
  const root = recovered.find(({ cid }) => cid === image.id);
  return { state: stateOf(goal, root), context: contextOf(image.sandbox), containers: recovered };
}

function stateOf(
  goal: RecoveryPlan['goal'],
  root: RecoveredContainer | undefined,
): RecoveredSandbox['state'] {
  if (goal === 'destroyed') return 'stopped';
  if (goal !== 'as its root') return goal;
  // One that has ended is told of next, and ends its sandbox.
  return root === undefined ? 'empty' : root.state === 'created' ? 'created' : 'running';
}

function recoverContainer(
  { cid, path, context, facts, processes }: ContainerImage,
  goal: RecoveryPlan['goal'],
  found: AdoptedContainer | undefined,
  isFrozen: boolean,
): RecoveredContainer {
  const believed = top(path);
  const kept = keptContainer(context);
  const isAlone = kept.pausedAlone && believed !== 'resuming';
  const base = { cid, facts, processes: recoverProcesses(processes, found) };
  const paused = { pausedAlone: isAlone, pausedBySandbox: isFrozen };
  if (believed === 'registered') return { ...base, state: 'registered', context: kept };
  if (goal === 'checkpointed') return { ...base, state: 'checkpointed', context: kept };
  if (
    believed === 'stopped' ||
    found === undefined ||
    found.state === 'absent' ||
    found.state === 'stopped'
  ) {
    // What was known stays so: it is written once.
    const status = kept.status ?? found?.status ?? unknown;
    return { ...base, state: 'stopped', context: { ...kept, status } };
  }
  if (found.state === 'created') return { ...base, state: 'created', context: { ...kept, ...paused } };
  const state = goal === 'restored' ? 'restored' : isFrozen || isAlone ? 'paused' : 'running';
  return { ...base, state, context: { ...kept, ...paused } };
}

const unknown: ExitStatus = { kind: 'unknown', why: 'it ended while no supervisor was there to see it' };

function recoverProcesses(
  believed: ContainerImage['processes'],
  found: AdoptedContainer | undefined,
): RecoveredContainer['processes'] {
  return [...believed].map(([pid, { path, context }]) => {
    const known = context['status'];
    if (isStatus(known)) return { pid, status: known };
    const seen = found?.processes.find((one) => one.pid === pid);
    if (seen === undefined || path !== 'running') return { pid, status: unknown };
    return { pid, status: seen.status };
  });
}

/** Of what this release, or one that writes the same, has written: anything else is as at the beginning. */
function keptContainer(context: ChartImage['context']): KeptContainer {
  const { status, oomKills } = context;
  const is = (name: string): boolean => context[name] === true;
  return {
    isRoot: is('isRoot'),
    thenStart: false,
    pausedAlone: is('pausedAlone'),
    pausedBySandbox: is('pausedBySandbox'),
    status: isStatus(status) ? status : undefined,
    oomKills: typeof oomKills === 'number' ? oomKills : 0,
  };
}

function contextOf(image: ChartImage | undefined): KeptSandbox {
  const before = image?.context['before'];
  return {
    rootEnded: false,
    leaveRunning: false,
    hold: false,
    before: before === 'empty' || before === 'created' || before === 'paused' ? before : 'running',
  };
}
