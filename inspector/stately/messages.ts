/**
 * What happens in a sandbox in the messages of Stately's inspector (the package @statelyai/inspect), so that tools that
 * take those can be attached. They hold states and events by name, and no context: nothing that a chart remembers.
 */
import type { AnyStateMachine } from 'xstate';
import { containerMachine, processMachine, sandboxMachine } from '../../machines/index.ts';
import type {
  ActorKind,
  Observation,
  ObservedActor,
  SnapshotObservation,
  TransitionObservation,
} from '../../observation/types.ts';

export interface StatelyMessage {
  readonly type: '@xstate.actor' | '@xstate.event' | '@xstate.snapshot';
  readonly sessionId: string;
  readonly rootId: string;
  /** Milliseconds since the Unix epoch, as a text. */
  readonly createdAt: string;
  /** Of the package whose messages these are. */
  readonly _version: string;
  readonly id: null;
  readonly name?: string;
  readonly parentId?: string | undefined;
  /** JSON of the machine. */
  readonly definition?: string;
  readonly snapshot?: { readonly status: 'active' | 'done'; readonly value: StateValue };
  readonly event?: { readonly type: string };
}

type StateValue = string | { readonly [state: string]: StateValue };

/** The messages are those of this release of the package. */
const version = '0.7.2';

const machines: Readonly<Record<ActorKind, AnyStateMachine>> = {
  sandbox: sandboxMachine,
  container: containerMachine,
  process: processMachine,
};

/** Turns observations of one sandbox, in their order, into messages. */
export class StatelyMessages {
  #root = '';
  readonly #known = new Set<string>();

  of(observation: Observation): readonly StatelyMessage[] {
    if (observation.type === 'snapshot') return this.#all(observation);
    return observation.type === 'transition' ? this.#moved(observation) : [];
  }

  #all({ sandbox, containers, at }: SnapshotObservation): readonly StatelyMessage[] {
    this.#root = sessionOf('sandbox', sandbox.id);
    return [
      ...this.#actor('sandbox', sandbox, at),
      ...containers.flatMap((container) => [
        ...this.#actor('container', container, at),
        ...container.processes.flatMap((process) => this.#actor('process', process, at)),
      ]),
    ];
  }

  #actor(kind: ActorKind, { id, state, path }: Omit<ObservedActor, 'since'>, at: number): StatelyMessage[] {
    const sessionId = sessionOf(kind, id);
    this.#known.add(sessionId);
    const container = id.slice(0, id.lastIndexOf('/'));
    const parentId = {
      sandbox: undefined,
      container: this.#root,
      process: sessionOf('container', container),
    };
    return [
      {
        ...this.#base(sessionId, at),
        type: '@xstate.actor',
        name: `${kind} ${id}`,
        parentId: parentId[kind],
        definition: JSON.stringify(machines[kind].config),
        snapshot: snapshotOf(path ?? state),
      },
    ];
  }

  #moved({ kind, id, to, path, edges, at }: TransitionObservation): readonly StatelyMessage[] {
    const sessionId = sessionOf(kind, id);
    if (!this.#known.has(sessionId)) return this.#actor(kind, { id, state: to, path }, at);
    const event = { type: edges.find((edge) => edge.event !== '')?.event ?? 'xstate.init' };
    const base = this.#base(sessionId, at);
    // Another may have its name later.
    if (final.has(path)) this.#known.delete(sessionId);
    return [
      { ...base, type: '@xstate.event', event },
      { ...base, type: '@xstate.snapshot', event, snapshot: snapshotOf(path) },
    ];
  }

  #base(sessionId: string, at: number) {
    return { sessionId, rootId: this.#root, createdAt: String(at), _version: version, id: null };
  }
}

const sessionOf = (kind: ActorKind, id: string): string => `${kind}:${id}`;

const final: ReadonlySet<string> = new Set(['destroyed', 'reaped']);

const snapshotOf = (path: string): NonNullable<StatelyMessage['snapshot']> => ({
  status: final.has(path) ? 'done' : 'active',
  value: valueOf(path.split('.')),
});

function valueOf([state = '', ...inner]: readonly string[]): StateValue {
  return inner.length === 0 ? state : { [state]: valueOf(inner) };
}
