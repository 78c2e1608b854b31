import { assign, enqueueActions, fromPromise, setup } from 'xstate';
import { failedBy, type Emitted, type RequestId } from './replies.ts';

/** All that a container's chart remembers: plain data, so that it can be shown, journalled and compared. */
export interface ContainerContext {
  readonly cid: string;
  readonly isRoot: boolean;
  /** Who asked for the change of state that is under way. */
  readonly asking: RequestId | undefined;
  readonly destroying: readonly RequestId[];
  readonly waiters: readonly RequestId[];
  /** Work inside a state (exec, signal, inspect) that has begun and not settled. */
  readonly operations: readonly { readonly id: RequestId; readonly kind: OperationKind }[];
  readonly thenStart: boolean;
  readonly pausedAlone: boolean;
  readonly pausedBySandbox: boolean;
  /** How init ended; written once. Opaque here: a platform's ExitStatus. */
  readonly status: unknown;
  readonly oomKills: number;
}

export type OperationKind = 'exec' | 'signal' | 'inspect';

export type ContainerEvent =
  // Requests for a change of state: answered by a reply or a failure with the same id.
  | { readonly type: 'create'; readonly id: RequestId; readonly start?: boolean }
  | { readonly type: 'start'; readonly id: RequestId }
  | { readonly type: 'pause'; readonly id: RequestId }
  | { readonly type: 'resume'; readonly id: RequestId }
  | { readonly type: 'restore'; readonly id: RequestId }
  | { readonly type: 'destroy'; readonly id: RequestId }
  | { readonly type: 'wait'; readonly id: RequestId }
  // Work inside a state: `settled` ends it.
  | { readonly type: OperationKind; readonly id: RequestId }
  | { readonly type: 'settled'; readonly id: RequestId }
  // The requester has gone.
  | { readonly type: 'cancel'; readonly id: RequestId }
  // From the sandbox, which freezes all of its containers at once.
  | { readonly type: 'suspend'; readonly id: RequestId }
  | { readonly type: 'release' }
  | { readonly type: 'frozen' }
  | { readonly type: 'thawed' }
  // From the sandbox, which is saved and made from a file as a whole. `status`: of one that was saved stopped.
  | { readonly type: 'checkpointed' }
  | {
      readonly type: 'loaded';
      /** False for one that was saved before its start, and was made anew. */
      readonly isStarted: boolean;
      readonly pausedAlone: boolean;
      readonly status?: unknown;
    }
  // Facts from the platform.
  | { readonly type: 'exited'; readonly status: unknown }
  | { readonly type: 'oomKilled'; readonly count: number };

/** What an invoked actor gets: the container, and the request whose payload the port keeps. */
export interface WorkInput {
  readonly cid: string;
  readonly request: RequestId | undefined;
}

/** Stands in the chart alone; actors/ provides the real work. */
const unprovided = (name: string) =>
  fromPromise<unknown, WorkInput>(() => Promise.reject(new Error(`no work was provided for ${name}`)));

export const containerSetup = setup({
  types: {
    context: {} as ContainerContext,
    events: {} as ContainerEvent,
    input: {} as { readonly cid: string; readonly isRoot: boolean },
    emitted: {} as Emitted,
    tags: {} as 'busy' | 'alive' | 'unstarted' | 'ended',
  },
  actors: {
    create: unprovided('create'),
    start: unprovided('start'),
    freeze: unprovided('freeze'),
    thaw: unprovided('thaw'),
    destroy: unprovided('destroy'),
  },
  /** Milliseconds; the defaults suit a busy small machine. actors/deadlines.ts provides others. */
  delays: {
    creating: 60_000,
    starting: 30_000,
    pausing: 10_000,
    holding: 10_000,
    resuming: 10_000,
    restoring: 620_000,
    destroying: 60_000,
  },
  guards: {
    hasExited: ({ context }) => context.status !== undefined,
    askerHasGone: ({ context, event }) => event.type === 'cancel' && event.id === context.asking,
    startFollows: ({ context }) => context.thenStart,
    noExecs: ({ context }) => context.operations.every((operation) => operation.kind !== 'exec'),
    notPaused: ({ context }) => !context.pausedAlone && !context.pausedBySandbox,
    isLoadedUnstarted: ({ event }) => event.type === 'loaded' && !event.isStarted,
    isPausedAlone: ({ context }) => context.pausedAlone,
    pausedOnlyAlone: ({ context }) => context.pausedAlone && !context.pausedBySandbox,
  },
  actions: {
    ask: assign(({ event }) =>
      'id' in event ? { asking: event.id, thenStart: event.type === 'create' && event.start === true } : {},
    ),
    reply: enqueueActions(({ context, enqueue }) => {
      if (context.asking !== undefined) enqueue.emit({ type: 'reply', id: context.asking });
      enqueue.assign({ asking: undefined, thenStart: false });
    }),
    fail: enqueueActions(({ context, event, enqueue }) => {
      if (context.asking !== undefined)
        enqueue.emit({ type: 'failure', id: context.asking, reason: failedBy(event) });
      enqueue.assign({ asking: undefined, thenStart: false });
    }),
    failLate: enqueueActions(({ context, enqueue }, { state }: { readonly state: string }) => {
      if (context.asking !== undefined)
        enqueue.emit({ type: 'failure', id: context.asking, reason: { kind: 'deadline', state } });
      enqueue.assign({ asking: undefined, thenStart: false });
    }),
    failEnded: enqueueActions(({ context, enqueue }) => {
      if (context.asking !== undefined)
        enqueue.emit({ type: 'failure', id: context.asking, reason: { kind: 'ended' } });
      enqueue.assign({ asking: undefined, thenStart: false });
    }),
    overtake: enqueueActions(({ context, event, enqueue }) => {
      if (context.asking !== undefined)
        enqueue.emit({ type: 'failure', id: context.asking, reason: { kind: 'overtaken', by: event.type } });
      enqueue.assign({ asking: undefined, thenStart: false });
    }),
    forget: assign(({ context, event }) =>
      event.type === 'cancel'
        ? {
            asking: context.asking === event.id ? undefined : context.asking,
            waiters: context.waiters.filter((id) => id !== event.id),
            destroying: context.destroying.filter((id) => id !== event.id),
          }
        : {},
    ),
    beginOperation: assign({
      operations: ({ context, event }) =>
        event.type === 'exec' || event.type === 'signal' || event.type === 'inspect'
          ? [...context.operations, { id: event.id, kind: event.type }]
          : context.operations,
    }),
    endOperation: assign({
      operations: ({ context, event }) =>
        event.type === 'settled'
          ? context.operations.filter((operation) => operation.id !== event.id)
          : context.operations,
    }),
    addWaiter: assign({
      waiters: ({ context, event }) =>
        event.type === 'wait' ? [...context.waiters, event.id] : context.waiters,
    }),
    tellWaiters: enqueueActions(({ context, enqueue }) => {
      for (const id of context.waiters) enqueue.emit({ type: 'reply', id, result: context.status });
      enqueue.assign({ waiters: [] });
    }),
    failWaiters: enqueueActions(({ context, event, enqueue }) => {
      for (const id of context.waiters) enqueue.emit({ type: 'failure', id, reason: failedBy(event) });
      enqueue.assign({ waiters: [] });
    }),
    failWaitersSaved: enqueueActions(({ context, enqueue }) => {
      for (const id of context.waiters) enqueue.emit({ type: 'failure', id, reason: { kind: 'saved' } });
      enqueue.assign({ waiters: [] });
    }),
    takeSaved: enqueueActions(({ context, event, enqueue }) => {
      if (event.type !== 'loaded') return;
      enqueue.assign({ pausedAlone: event.pausedAlone, pausedBySandbox: true, status: event.status });
      if (event.status === undefined) return;
      for (const id of context.waiters) enqueue.emit({ type: 'reply', id, result: event.status });
      enqueue.assign({ waiters: [] });
    }),
    /** Write-once: what is reported later of an init that has ended is not news. */
    keepStatus: assign({
      status: ({ context, event }) =>
        event.type === 'exited' && context.status === undefined ? event.status : context.status,
    }),
    countOom: assign({
      oomKills: ({ context, event }) =>
        event.type === 'oomKilled' ? Math.max(context.oomKills, event.count) : context.oomKills,
    }),
    markPaused: assign({ pausedAlone: true }),
    markResumed: assign({ pausedAlone: false }),
    sandboxFroze: assign({ pausedBySandbox: true }),
    sandboxThawed: assign({ pausedBySandbox: false }),
    addDestroyer: assign({
      destroying: ({ context, event }) =>
        event.type === 'destroy' ? [...context.destroying, event.id] : context.destroying,
    }),
    replyDestroyed: enqueueActions(({ context, enqueue }) => {
      for (const id of context.destroying) enqueue.emit({ type: 'reply', id });
      enqueue.assign({ destroying: [] });
    }),
    failDestroyed: enqueueActions(({ context, event, enqueue }) => {
      for (const id of context.destroying) enqueue.emit({ type: 'failure', id, reason: failedBy(event) });
      enqueue.assign({ destroying: [] });
    }),
    failDestroyedLate: enqueueActions(({ context, enqueue }, { state }: { readonly state: string }) => {
      for (const id of context.destroying)
        enqueue.emit({ type: 'failure', id, reason: { kind: 'deadline', state } });
      enqueue.assign({ destroying: [] });
    }),
  },
});
