import { assign, enqueueActions, setup } from 'xstate';
import type { Emitted, RequestId } from './replies.ts';

export interface ProcessContext<Status = unknown> {
  readonly cid: string;
  /** In the container's own numbering. */
  readonly pid: number;
  readonly waiters: readonly RequestId[];
  readonly status: Status | undefined;
}

export type ProcessEvent =
  /** Answered with the exit status, now or when there is one. */
  | { readonly type: 'wait'; readonly id: RequestId }
  /** The requester has gone. */
  | { readonly type: 'cancel'; readonly id: RequestId }
  /** From the platform; only the first counts. */
  | { readonly type: 'exited'; readonly status: unknown }
  /** Nobody will ask for the status any more. */
  | { readonly type: 'discard' };

/**
 * A process that an exec started. Its exit status is handed out once, as `wait(2)` does: to all who wait when it
 * ends, else to the first who asks later.
 *
 * ```
 * running --exited, somebody waits--> reaped
 * running --exited, nobody waits-->   ended
 * ended   --wait | discard-->         reaped
 * ```
 */
export const processMachine = setup({
  types: {
    context: {} as ProcessContext,
    events: {} as ProcessEvent,
    input: {} as { readonly cid: string; readonly pid: number },
    emitted: {} as Emitted,
  },
  guards: {
    somebodyWaits: ({ context }) => context.waiters.length > 0,
  },
  actions: {
    addWaiter: assign({
      waiters: ({ context, event }) =>
        event.type === 'wait' ? [...context.waiters, event.id] : context.waiters,
    }),
    dropWaiter: assign({
      waiters: ({ context, event }) =>
        event.type === 'cancel' ? context.waiters.filter((id) => id !== event.id) : context.waiters,
    }),
    keepStatus: assign({
      status: ({ context, event }) => (event.type === 'exited' ? event.status : context.status),
    }),
    tellWaiters: enqueueActions(({ context, enqueue }) => {
      for (const id of context.waiters) enqueue.emit({ type: 'reply', id, result: context.status });
      enqueue.assign({ waiters: [] });
    }),
  },
}).createMachine({
  id: 'process',
  description: "A process that an exec started: its exit status is handed out once, as wait(2)'s.",
  context: ({ input }) => ({ cid: input.cid, pid: input.pid, waiters: [], status: undefined }),
  initial: 'running',
  states: {
    running: {
      description: 'Started, not ended.',
      on: {
        wait: { actions: 'addWaiter' },
        cancel: { actions: 'dropWaiter' },
        discard: { target: 'reaped' },
        exited: [
          { guard: 'somebodyWaits', target: 'reaped', actions: ['keepStatus', 'tellWaiters'] },
          { target: 'ended', actions: 'keepStatus' },
        ],
      },
    },
    ended: {
      description: 'Ended; the status waits for somebody to ask.',
      on: {
        wait: { target: 'reaped', actions: ['addWaiter', 'tellWaiters'] },
        discard: { target: 'reaped' },
      },
    },
    reaped: { description: 'The status was handed out; final.', type: 'final' },
  },
});
