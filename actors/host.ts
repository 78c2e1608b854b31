import type { ActorLogic, ActorScope, ActorSystem, ActorSystemInfo, AnyActorRef, Snapshot } from 'xstate';

/** One actor that a host keeps alive. */
export interface ChildSpec {
  /** Unique within the host. */
  readonly id: string;
  /** Makes the actor, not started; `crashes` tells how often it has crashed within the window, 0 at first. */
  create(parent: AnyActorRef, crashes: number): AnyActorRef;
  /** Told of a crash before the actor is made anew, or given up. */
  onCrash?(error: unknown, givenUp: boolean): void;
}

type HostEvent =
  | { readonly type: 'host'; readonly spec: ChildSpec }
  | { readonly type: 'dismiss'; readonly id: string }
  | { readonly type: `xstate.done.actor.${string}`; readonly actorId: string }
  | { readonly type: `xstate.error.actor.${string}`; readonly actorId: string; readonly error: unknown }
  | { readonly type: 'xstate.stop' };

interface Child {
  readonly spec: ChildSpec;
  readonly ref: AnyActorRef;
  /** Times of crashes within the window, in milliseconds. */
  readonly crashes: readonly number[];
}

export interface HostInput {
  /** A child that crashes more often than this within `withinMs` is given up; the others live on. */
  readonly maxCrashes: number;
  readonly withinMs: number;
}

type HostSnapshot = Snapshot<undefined> & {
  readonly input: HostInput;
  readonly children: Map<string, Child>;
};
type Scope = ActorScope<HostSnapshot, HostEvent, ActorSystem<ActorSystemInfo>>;

/**
 * The root actor of a sandbox's system: it hosts the charts of the sandbox, its containers and their processes,
 * and makes one that crashed anew, alone (Erlang's `one_for_one`, the intensity counted for each child).
 *
 * It is written as actor logic, not as a machine, because a machine copies the record of its children at each
 * change (10,000 children cost 16 s) and because a child's error that nobody handles would end the whole system.
 * The map of children is changed in place for the same reason; it is no part of what is observed.
 */
export const hostLogic: ActorLogic<HostSnapshot, HostEvent, HostInput, ActorSystem<ActorSystemInfo>> = {
  getInitialSnapshot: (_scope, input) => ({
    status: 'active',
    output: undefined,
    error: undefined,
    input,
    children: new Map(),
  }),

  transition(snapshot, event, scope) {
    const { children } = snapshot;
    if (event.type === 'host') {
      begin(children, event.spec, [], scope);
      return snapshot;
    }
    if (event.type === 'dismiss') {
      halt(children, event.id, scope);
      return snapshot;
    }
    if (event.type === 'xstate.stop') {
      for (const id of [...children.keys()].reverse()) halt(children, id, scope);
      return { ...snapshot, status: 'stopped', output: undefined, error: undefined };
    }
    const child = children.get(event.actorId);
    if (child === undefined) return snapshot;
    // Done or crashed, xstate has not taken it out of the parent's books yet.
    halt(children, event.actorId, scope);
    if ('error' in event) recover(child, event.error, snapshot, scope);
    return snapshot;
  },

  getPersistedSnapshot: (snapshot) => ({ ...snapshot, children: new Map() }),
};

function begin(
  children: Map<string, Child>,
  spec: ChildSpec,
  crashes: readonly number[],
  scope: Scope,
): void {
  const ref = spec.create(scope.self, crashes.length);
  children.set(spec.id, { spec, ref, crashes });
  // Started only after this transition: a child may send to its parent at once.
  scope.defer(() => {
    ref.start();
  });
}

function halt(children: Map<string, Child>, id: string, scope: Scope): void {
  const child = children.get(id);
  if (child === undefined) return;
  children.delete(id);
  scope.stopChild(child.ref);
}

function recover(child: Child, error: unknown, snapshot: HostSnapshot, scope: Scope): void {
  const now = Date.now();
  const crashes = [...child.crashes.filter((at) => now - at < snapshot.input.withinMs), now];
  const givenUp = crashes.length > snapshot.input.maxCrashes;
  child.spec.onCrash?.(error, givenUp);
  if (!givenUp) begin(snapshot.children, child.spec, crashes, scope);
}
