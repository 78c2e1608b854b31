import {
  getMicrosteps,
  getNextTransitions,
  type AnyEventObject,
  type AnyMachineSnapshot,
  type AnyTransitionDefinition,
} from 'xstate';
import { statePath } from '../../machines/public-state.ts';
import type { Emitted } from '../../machines/replies.ts';
import type { Subject } from './subject.ts';

/** What a chart does with one event. */
export interface Outcome {
  readonly next: AnyMachineSnapshot;
  readonly emitted: readonly Emitted[];
  /** The edges that were taken, one after the other. */
  readonly edges: readonly string[];
}

/** An edge by what the machine says of it: from where, by what, to where. */
export function edgeName({ source, eventType, target }: AnyTransitionDefinition): string {
  const [to] = target ?? [];
  const event: unknown = eventType;
  return `${source.path.join('.') || '*'} --${typeof event === 'string' ? event : ''}--> ${to === undefined ? '(stays)' : to.path.join('.')}`;
}

/** Purely: nothing is invoked, sent or waited for. */
export function stepOf({ machine }: Subject, snapshot: AnyMachineSnapshot, event: AnyEventObject): Outcome {
  const enabled: readonly AnyTransitionDefinition[] = machine.getTransitionData(snapshot, event);
  const steps = getMicrosteps(machine, snapshot, event);
  const edges = enabled.map(edgeName);
  let before = snapshot;
  const emitted: Emitted[] = [];
  steps.forEach(([after, actions], index) => {
    for (const action of actions) {
      // Its declaration names but some of what there is.
      const { type, params }: { readonly type: string; readonly params: unknown } = action;
      if (type === 'xstate.emit' && hasEvent(params)) emitted.push(params.event);
    }
    if (index > 0) edges.push(...eventless(before, after));
    before = after;
  });
  return { next: before, emitted, edges };
}

/** The state with its parts, by dots. */
export function pathOf({ value }: AnyMachineSnapshot): string {
  const state: unknown = value;
  if (typeof state === 'string') return state;
  return isParts(state) ? statePath(state) : '';
}

const isParts = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** Which of the edges that are taken at once it was: by where it led. */
function eventless(before: AnyMachineSnapshot, after: AnyMachineSnapshot): readonly string[] {
  const path = pathOf(after);
  const found = getNextTransitions(before).find(({ eventType, target }) => {
    const event: unknown = eventType;
    const to = target?.[0]?.path.join('.') ?? '';
    return event === '' && (path === to || path.startsWith(`${to}.`));
  });
  return found === undefined ? [] : [edgeName(found)];
}

const hasEvent = (params: unknown): params is { readonly event: Emitted } =>
  typeof params === 'object' && params !== null && 'event' in params;

/** What may end the state that a chart is in by itself: its work, and its deadlines. */
export function ownEvents(snapshot: AnyMachineSnapshot): readonly AnyEventObject[] {
  const names = getNextTransitions(snapshot).map(({ eventType }): unknown => eventType);
  return [...new Set(names)].flatMap((name): AnyEventObject[] => {
    if (typeof name !== 'string') return [];
    const [, how, id = ''] = /^xstate\.(done\.actor|error\.actor|after)\.(.*)$/.exec(name) ?? [];
    if (how === 'done.actor') return [{ type: name, actorId: id, output: undefined }];
    if (how === 'error.actor') return [{ type: name, actorId: id, error: new Error('it failed') }];
    return how === 'after' ? [{ type: name }] : [];
  });
}
