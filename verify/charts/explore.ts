import { initialTransition, type AnyEventObject, type AnyMachineSnapshot, type AnyStateNode } from 'xstate';
import { edgeName, ownEvents, pathOf, stepOf, type Outcome } from './moments.ts';
import { ids, type Subject } from './subject.ts';

/** A chart in one of all that it can come to. */
interface Place {
  readonly snapshot: AnyMachineSnapshot;
  /** Requests that it took and has not answered: by id, what they ask. */
  readonly open: ReadonlyMap<string, string>;
  /** Operations that have begun and not settled. */
  readonly running: ReadonlySet<string>;
  readonly key: string;
  /** How it was come to. */
  readonly from: Place | undefined;
  readonly by: AnyEventObject | undefined;
  /** The edges by which it was, the last of which another one follows. */
  readonly edges: readonly string[];
}

export interface Violation {
  readonly what: string;
  /** The events that lead to it, from the beginning. */
  readonly path: readonly string[];
}

export interface Exploration {
  /** Different snapshots. */
  readonly places: number;
  readonly steps: number;
  /** Events that were refused. */
  readonly refused: number;
  readonly edges: ReadonlySet<string>;
  /** All edges of the machine. */
  readonly known: ReadonlySet<string>;
  /** Edges that followed one another. */
  readonly pairs: ReadonlySet<string>;
  readonly violations: readonly Violation[];
}

/** More of the same is not told. */
const mostViolations = 20;

/**
 * Goes to all that a chart can come to with two requesters, and checks at each step: what it refuses changes nothing;
 * each request that it takes is answered once, and by its end at the latest; a status that is known stays; from
 * everywhere a destroy leads to an end.
 * @param most violations, after which it ends
 */
export function explore(subject: Subject, most = mostViolations): Exploration {
  const violations: Violation[] = [];
  const report = (what: string, place: Place, event?: AnyEventObject): void => {
    if (violations.length < most) violations.push({ what, path: pathTo(place, event) });
  };
  const { machine } = subject;
  const [begin] = initialTransition(machine, subject.input);
  const first = placeOf(subject, begin, new Map(), new Set(), undefined, undefined, []);
  const known = new Map([[first.key, first]]);
  const [edges, pairs] = [new Set<string>(), new Set<string>()];
  let [steps, refused] = [0, 0];
  for (const place of known.values()) {
    if (violations.length === most) break;
    for (const event of eventsAt(subject, place)) {
      steps += 1;
      const outcome = stepOf(subject, place.snapshot, event);
      // Also one by which a state says that it does nothing.
      for (const edge of outcome.edges) edges.add(edge);
      if (!place.snapshot.can(event)) {
        refused += 1;
        checkRefused(subject, place, event, outcome, report);
        continue;
      }
      const last = place.edges.at(-1);
      [...(last === undefined ? [] : [last]), ...outcome.edges].reduce((one, other) => {
        pairs.add(`${one}, then ${other}`);
        return other;
      });
      const next = follow(subject, place, event, outcome, report);
      if (!known.has(next.key)) known.set(next.key, next);
    }
  }
  for (const place of known.values()) checkEnd(subject, place, report);
  return { places: known.size, steps, refused, edges, known: edgesOf(machine.root), pairs, violations };
}

type Report = (what: string, place: Place, event?: AnyEventObject) => void;

function eventsAt(subject: Subject, { snapshot, open, running }: Place): readonly AnyEventObject[] {
  if (snapshot.status !== 'active') return [];
  const free = ids.find((id) => !open.has(id) && !running.has(id));
  const asked =
    free === undefined ? [] : [...subject.requests(free), ...subject.operations(free), subject.destroy(free)];
  return [
    ...asked,
    ...[...open.keys()].map((id) => ({ type: 'cancel', id })),
    ...[...running].map((id) => ({ type: 'settled', id })),
    // Of somebody whom it does not know any more.
    { type: 'cancel', id: 'z' },
    { type: 'settled', id: 'z' },
    ...subject.facts(snapshot),
    ...ownEvents(snapshot),
  ];
}

function checkRefused(
  subject: Subject,
  place: Place,
  event: AnyEventObject,
  { next, emitted }: Outcome,
  report: Report,
): void {
  if (keyOf(subject, next) !== keyOf(subject, place.snapshot))
    report('an event that is refused changes something', place, event);
  if (emitted.length > 0) report('an event that is refused is answered', place, event);
}

/** Where it is then, the books of who waits for an answer kept. */
function follow(
  subject: Subject,
  place: Place,
  event: AnyEventObject,
  { next, emitted, edges }: Outcome,
  report: Report,
): Place {
  const [open, running] = [new Map(place.open), new Set(place.running)];
  const id = typeof event['id'] === 'string' ? event['id'] : undefined;
  if (id === 'z') return placeOf(subject, next, open, running, place, event, edges);
  if (id !== undefined && event.type === 'cancel') open.delete(id);
  else if (id !== undefined && event.type === 'settled') running.delete(id);
  else if (id !== undefined && subject.operations(id).some(({ type }) => type === event.type))
    running.add(id);
  else if (id !== undefined) open.set(id, event.type);
  for (const one of emitted) {
    if (one.type === 'trouble') continue;
    if (!open.delete(one.id))
      report(`${one.id} is answered, and had not asked or was answered already`, place, event);
  }
  const [before, after] = [statusOf(place.snapshot), statusOf(next)];
  // A restore puts another in the place of what may have ended meanwhile.
  if (before !== undefined && after !== before && event.type !== 'loaded')
    report('a status that was known has changed', place, event);
  // Who waits for a status that nobody will know is told by the port (ACTOR_GONE).
  const left = [...open].filter(([, asked]) => asked !== 'wait').map(([one]) => one);
  if (next.status !== 'active' && left.length > 0)
    report(`it has ended, and ${left.join(', ')} was not answered`, place, event);
  return placeOf(subject, next, open, running, place, event, edges);
}

/** By a destroy, and its work done; another destroy where something was left. */
function checkEnd(subject: Subject, place: Place, report: Report): void {
  let { snapshot } = place;
  for (let tries = 0; tries < 3 && snapshot.status === 'active'; tries++) {
    snapshot = stepOf(subject, snapshot, subject.destroy('z')).next;
    const done = ownEvents(snapshot).find(({ type }) => type.startsWith('xstate.done.actor.'));
    if (done !== undefined) snapshot = stepOf(subject, snapshot, done).next;
  }
  if (snapshot.status === 'active') report('a destroy does not end it', place);
}

function statusOf({ context }: AnyMachineSnapshot): unknown {
  const all: unknown = context;
  return typeof all === 'object' && all !== null && 'status' in all ? all.status : undefined;
}

function placeOf(
  subject: Subject,
  snapshot: AnyMachineSnapshot,
  open: ReadonlyMap<string, string>,
  running: ReadonlySet<string>,
  from: Place | undefined,
  by: AnyEventObject | undefined,
  edges: readonly string[],
): Place {
  // The last edge is part of it: what may follow it is to be seen.
  const books = JSON.stringify([[...open].sort(), [...running].sort(), edges.at(-1) ?? '']);
  return { snapshot, open, running, key: `${keyOf(subject, snapshot)} ${books}`, from, by, edges };
}

function keyOf({ forget }: Subject, { value, context, status }: AnyMachineSnapshot): string {
  const state: unknown = value;
  return JSON.stringify([state, status, context], (name, one: unknown) =>
    forget.includes(name) ? undefined : one instanceof Error ? one.message : one,
  );
}

function pathTo(place: Place, event?: AnyEventObject): readonly string[] {
  const path: string[] = event === undefined ? [] : [shown(event)];
  for (let one: Place | undefined = place; one !== undefined; one = one.from)
    path.unshift(`${one.by === undefined ? '' : `${shown(one.by)} → `}${pathOf(one.snapshot)}`);
  return path;
}

const shown = ({ type, ...rest }: AnyEventObject): string => {
  const id: unknown = rest['id'];
  return typeof id === 'string' ? `${type} (${id})` : type;
};

function edgesOf(node: AnyStateNode): ReadonlySet<string> {
  const own = [...[...node.transitions.values()].flat(), ...(node.always ?? [])].map(edgeName);
  return new Set([...own, ...Object.values(node.states).flatMap((child) => [...edgesOf(child)])]);
}
