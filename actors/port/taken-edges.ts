import type { InspectionEvent } from 'xstate';

/** One edge of a chart that was taken. */
export interface TakenEdge {
  /** Paths of states, by dots; `*` for what is taken in all of them. */
  readonly from: string;
  readonly to: string;
  /** As XState names it; "" for what is taken at once. */
  readonly event: string;
}

/** By actor: those since they were asked for last. */
const taken = new WeakMap<object, TakenEdge[]>();

/** Notes what an actor system's inspection tells of a step of a chart. What stays in its state is no edge. */
export function noteEdges(event: InspectionEvent): void {
  if (event.type !== '@xstate.microstep') return;
  for (const { source, target, eventType } of event._transitions) {
    const [to] = target ?? [];
    if (to === undefined) continue;
    const edges = taken.get(event.actorRef) ?? [];
    // It is declared as anything.
    const name: unknown = eventType;
    edges.push({
      from: source.path.join('.') || '*',
      to: to.path.join('.'),
      event: typeof name === 'string' ? name : '',
    });
    taken.set(event.actorRef, edges);
  }
}

/** Those that an actor took since this was called last. */
export function takenEdges(actor: object): readonly TakenEdge[] {
  const edges = taken.get(actor) ?? [];
  taken.delete(actor);
  return edges;
}
