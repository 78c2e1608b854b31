import { assign, enqueueActions, fromPromise, setup } from 'xstate';
import { failedBy, type Emitted, type FailureReason, type RequestId } from './replies.ts';

/** All that a sandbox's chart remembers. Its containers have charts of their own. */
export interface SandboxContext {
  readonly sandbox: string;
  /** Who asked for the change of state that is under way. */
  readonly asking: RequestId | undefined;
  /** Why that has come to nothing: told when the sandbox goes on as before. */
  readonly failure: FailureReason | undefined;
  readonly destroying: readonly RequestId[];
  /** Changes of single containers and of the network that were admitted and have not settled. */
  readonly admitted: readonly RequestId[];
  readonly rootEnded: boolean;
  /** Of the checkpoint under way: the sandbox goes on when it is saved. */
  readonly leaveRunning: boolean;
  /** Of the restore under way: the sandbox stands still until it is resumed. */
  readonly hold: boolean;
  /** Where a checkpoint or restore under way began, to which it returns when it comes to nothing. */
  readonly before: 'empty' | 'created' | 'running' | 'paused';
}

/** What is done inside a state, only while the sandbox admits it: to a single container, or to the network of all. */
export type Admission =
  'container.create' | 'container.start' | 'container.pause' | 'container.resume' | 'network';

export type SandboxEvent =
  // Requests for a change of state: answered by a reply or a failure with the same id.
  | { readonly type: 'open'; readonly id: RequestId }
  | { readonly type: 'create'; readonly id: RequestId }
  | { readonly type: 'start'; readonly id: RequestId }
  | { readonly type: 'pause'; readonly id: RequestId }
  | { readonly type: 'resume'; readonly id: RequestId }
  | { readonly type: 'checkpoint'; readonly id: RequestId; readonly leaveRunning: boolean }
  | { readonly type: 'restore'; readonly id: RequestId; readonly hold: boolean }
  | { readonly type: 'destroy'; readonly id: RequestId }
  // A change of one container, or of the network: `settled` ends it.
  | { readonly type: Admission; readonly id: RequestId }
  | { readonly type: 'settled'; readonly id: RequestId }
  // The requester has gone.
  | { readonly type: 'cancel'; readonly id: RequestId }
  // The root container's init has ended.
  | { readonly type: 'rootEnded' };

export interface SandboxWorkInput {
  readonly sandbox: string;
  readonly request: RequestId | undefined;
}

/** Stands in the chart alone; actors/ provides the real work. */
const unprovided = (name: string) =>
  fromPromise<unknown, SandboxWorkInput>(() => Promise.reject(new Error(`no work was provided for ${name}`)));

export const sandboxSetup = setup({
  types: {
    context: {} as SandboxContext,
    events: {} as SandboxEvent,
    input: {} as { readonly sandbox: string },
    emitted: {} as Emitted,
    tags: {} as 'busy' | 'alive' | 'ended',
  },
  actors: {
    open: unprovided('open'),
    createRoot: unprovided('createRoot'),
    startRoot: unprovided('startRoot'),
    hold: unprovided('hold'),
    freeze: unprovided('freeze'),
    thaw: unprovided('thaw'),
    dump: unprovided('dump'),
    write: unprovided('write'),
    clear: unprovided('clear'),
    stage: unprovided('stage'),
    load: unprovided('load'),
    end: unprovided('end'),
    destroy: unprovided('destroy'),
  },
  /** Milliseconds; longer than the containers' own, which stand below. actors/deadlines.ts provides others. */
  delays: {
    opening: 30_000,
    empty: 300_000,
    creating: 70_000,
    starting: 40_000,
    pausing: 15_000,
    resuming: 15_000,
    checkpointing: 600_000,
    clearing: 90_000,
    restoring: 600_000,
    ending: 30_000,
    destroying: 90_000,
  },
  guards: {
    rootHasEnded: ({ context }) => context.rootEnded,
    nothingAdmitted: ({ context }) => context.admitted.length === 0,
    leavesRunning: ({ context }) => context.leaveRunning,
    goesOnAtOnce: ({ context }) => context.leaveRunning && context.before === 'running',
    wasPaused: ({ context }) => context.before === 'paused',
    wasCreated: ({ context }) => context.before === 'created',
    holds: ({ context }) => context.hold,
    askerHasGone: ({ context, event }) => event.type === 'cancel' && event.id === context.asking,
    gone: ({ context }) => context.asking === undefined,
    goneAfterThaw: ({ context }) =>
      context.asking === undefined && context.leaveRunning && context.before === 'running',
    goneOfPaused: ({ context }) => context.asking === undefined && context.before === 'paused',
    askerHasGoneOfCreated: ({ context, event }) =>
      event.type === 'cancel' && event.id === context.asking && context.before === 'created',
  },
  actions: {
    ask: assign(({ event }) => ('id' in event ? { asking: event.id, failure: undefined } : {})),
    askCheckpoint: assign(({ event }) =>
      event.type === 'checkpoint' ? { leaveRunning: event.leaveRunning } : {},
    ),
    askRestore: assign(({ event }) => (event.type === 'restore' ? { hold: event.hold } : {})),
    beginFrom: assign((_, { state }: { readonly state: SandboxContext['before'] }) => ({ before: state })),
    reply: enqueueActions(({ context, enqueue }) => {
      if (context.asking !== undefined) enqueue.emit({ type: 'reply', id: context.asking });
      enqueue.assign({ asking: undefined });
    }),
    fail: enqueueActions(({ context, event, enqueue }) => {
      if (context.asking !== undefined)
        enqueue.emit({ type: 'failure', id: context.asking, reason: context.failure ?? failedBy(event) });
      enqueue.assign({ asking: undefined });
    }),
    keepFailure: assign(({ event }) => ({ failure: failedBy(event) })),
    keepLate: assign((_, { state }: { readonly state: string }) => ({
      failure: { kind: 'deadline', state } as const,
    })),
    answer: enqueueActions(({ context: { asking, failure }, enqueue }) => {
      if (asking !== undefined)
        enqueue.emit(
          failure === undefined
            ? { type: 'reply', id: asking }
            : { type: 'failure', id: asking, reason: failure },
        );
      enqueue.assign({ asking: undefined });
    }),
    failLate: enqueueActions(({ context, enqueue }, { state }: { readonly state: string }) => {
      if (context.asking !== undefined)
        enqueue.emit({
          type: 'failure',
          id: context.asking,
          reason: context.failure ?? { kind: 'deadline', state },
        });
      enqueue.assign({ asking: undefined });
    }),
    failEnded: enqueueActions(({ context, enqueue }) => {
      if (context.asking !== undefined)
        enqueue.emit({ type: 'failure', id: context.asking, reason: { kind: 'ended' } });
      enqueue.assign({ asking: undefined });
    }),
    overtake: enqueueActions(({ context, event, enqueue }) => {
      if (context.asking !== undefined)
        enqueue.emit({ type: 'failure', id: context.asking, reason: { kind: 'overtaken', by: event.type } });
      enqueue.assign({ asking: undefined });
    }),
    report: enqueueActions(({ event, enqueue }, { doing }: { readonly doing: string }) => {
      enqueue.emit({ type: 'trouble', doing, reason: failedBy(event) });
    }),
    reportLate: enqueueActions(({ enqueue }, { doing }: { readonly doing: string }) => {
      enqueue.emit({ type: 'trouble', doing, reason: { kind: 'deadline', state: doing } });
    }),
    forget: assign(({ context, event }) =>
      event.type === 'cancel'
        ? {
            asking: context.asking === event.id ? undefined : context.asking,
            destroying: context.destroying.filter((id) => id !== event.id),
          }
        : {},
    ),
    admit: assign(({ context, event }) =>
      'id' in event ? { admitted: [...context.admitted, event.id] } : {},
    ),
    settle: assign(({ context, event }) =>
      event.type === 'settled' ? { admitted: context.admitted.filter((id) => id !== event.id) } : {},
    ),
    markRootEnded: assign({ rootEnded: true }),
    clearRootEnded: assign({ rootEnded: false }),
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
      enqueue.emit({ type: 'trouble', doing: 'destroying', reason: failedBy(event) });
      enqueue.assign({ destroying: [] });
    }),
    failDestroyedLate: enqueueActions(({ context, enqueue }) => {
      const reason = { kind: 'deadline', state: 'destroying' } as const;
      for (const id of context.destroying) enqueue.emit({ type: 'failure', id, reason });
      enqueue.emit({ type: 'trouble', doing: 'destroying', reason });
      enqueue.assign({ destroying: [] });
    }),
  },
});
