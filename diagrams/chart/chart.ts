/** A statechart as data to be drawn: taken from the machine that runs, so that the picture cannot say anything else. */
import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';
import { isPublicState } from '../../machines/public-state.ts';

export interface Chart {
  readonly id: string;
  readonly description: string;
  readonly states: readonly ChartState[];
  readonly edges: readonly ChartEdge[];
}

export interface ChartState {
  /** The path from the root, with dots: `pausing.draining`. */
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** `public`: people see it; `transient`: work is under way; `part`: a step of one; `final`: the end. */
  readonly kind: 'public' | 'transient' | 'part' | 'final';
  readonly isInitial: boolean;
  /** What it has done by the platform while it lasts. */
  readonly invokes: readonly string[];
  /** What it takes without leaving. */
  readonly takes: readonly string[];
  readonly parts: readonly ChartState[];
}

export interface ChartEdge {
  /** A state's id; {@link anyState} for what is taken in all of them. */
  readonly from: string;
  readonly to: string;
  readonly label: EdgeLabel;
}

export interface EdgeLabel {
  /** An event, or what happens by itself: `create done`, `create fails`, `after 60 s`, `` for at once. */
  readonly event: string;
  /** `event`: somebody asks or tells; `done` and `failed`: of work; `late`: its deadline; `always`: at once. */
  readonly kind: 'event' | 'done' | 'failed' | 'late' | 'always';
  readonly guard: string;
  readonly actions: readonly string[];
}

export const anyState = '*';

/** Reads a machine. @param deadlines by the name that the machine gives a delay, in ms */
export function chartOf(machine: AnyStateMachine, deadlines: Readonly<Record<string, number>>): Chart {
  const { root } = machine;
  const states = Object.values(root.states).map((node) => stateOf(node, root));
  const nodes = [root, ...descendants(root)];
  const edges = nodes.flatMap((node) =>
    transitionsOf(node).flatMap((transition) => edgeOf(node, root, transition, deadlines)),
  );
  return { id: root.key, description: root.description ?? '', states, edges };
}

function descendants(node: AnyStateNode): readonly AnyStateNode[] {
  return Object.values(node.states).flatMap((child) => [child, ...descendants(child)]);
}

function stateOf(node: AnyStateNode, root: AnyStateNode): ChartState {
  const parent = node.parent ?? root;
  return {
    id: idOf(node),
    name: node.key,
    description: node.description ?? '',
    kind: kindOf(node, root),
    isInitial: parent.initial.target.includes(node),
    invokes: node.invoke.map(({ src }) => (typeof src === 'string' ? src : 'work')),
    takes: takesOf(node),
    parts: Object.values(node.states).map((child) => stateOf(child, root)),
  };
}

function kindOf(node: AnyStateNode, root: AnyStateNode): ChartState['kind'] {
  if (node.type === 'final') return 'final';
  if (node.parent !== root) return 'part';
  if (node.tags.includes('busy')) return 'transient';
  return isPublicState(node.key) || !hasPublicStates(root) ? 'public' : 'transient';
}

/** A connection's chart, and a process's, are not what people see states of: all of theirs are alike. */
const hasPublicStates = (root: AnyStateNode): boolean => Object.keys(root.states).some(isPublicState);

function takesOf(node: AnyStateNode): readonly string[] {
  const inside = transitionsOf(node).filter(({ target }) => target === undefined || target.length === 0);
  return [...new Set(inside.map(eventTypeOf))].filter((name) => !name.startsWith('xstate.'));
}

const idOf = (node: AnyStateNode): string => node.path.join('.');

const transitionsOf = (node: AnyStateNode): readonly AnyTransitionDefinition[] => [
  ...[...node.transitions.values()].flat(),
  ...(node.always ?? []),
];

function edgeOf(
  node: AnyStateNode,
  root: AnyStateNode,
  transition: AnyTransitionDefinition,
  deadlines: Readonly<Record<string, number>>,
): readonly ChartEdge[] {
  const from = node === root ? anyState : idOf(node);
  const targets: readonly AnyStateNode[] = transition.target ?? [];
  return targets.map((target) => ({ from, to: idOf(target), label: labelOf(transition, deadlines) }));
}

function labelOf(
  transition: AnyTransitionDefinition,
  deadlines: Readonly<Record<string, number>>,
): EdgeLabel {
  const { guard, actions } = transition;
  return {
    ...happening(eventTypeOf(transition), deadlines),
    guard: nameOf(guard),
    actions: actions.map(nameOf),
  };
}

function happening(
  eventType: string,
  deadlines: Readonly<Record<string, number>>,
): Pick<EdgeLabel, 'event' | 'kind'> {
  const [, how, what = ''] = /^xstate\.(done\.actor|error\.actor|after)\.([^.]*)/.exec(eventType) ?? [];
  if (how === 'done.actor') return { event: `${what} done`, kind: 'done' };
  if (how === 'error.actor') return { event: `${what} fails`, kind: 'failed' };
  if (how === 'after') {
    const ms = deadlines[what];
    if (ms === undefined) throw new Error(`there is no deadline ${what}`);
    return { event: `after ${ms / 1000} s`, kind: 'late' };
  }
  return eventType === '' ? { event: '', kind: 'always' } : { event: eventType, kind: 'event' };
}

/** It is declared as anything. */
function eventTypeOf(transition: AnyTransitionDefinition): string {
  const type: unknown = transition.eventType;
  return typeof type === 'string' ? type : '';
}

/** Of a guard or an action: what the machine calls it. */
function nameOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null && 'type' in value) return String(value.type);
  return value === undefined ? '' : 'inline';
}
