/** Names a request from outside across chart, log and reply. Made by the port that asks, never in a chart. */
export type RequestId = string;

/** What a chart emits when a request has been carried out. */
export interface Reply {
  readonly type: 'reply';
  readonly id: RequestId;
  /** Only waits carry one: how the process ended. */
  readonly result?: unknown;
}

/** What a chart emits when a request that it took has come to nothing. */
export interface Failure {
  readonly type: 'failure';
  readonly id: RequestId;
  readonly reason: FailureReason;
}

/** What a chart emits when work that nobody asked for has come to nothing: for the log. */
export interface Trouble {
  readonly type: 'trouble';
  /** What was being done, e.g. `ending`. */
  readonly doing: string;
  readonly reason: FailureReason;
}

/**
 * Why: the work failed (`cause` is what the platform threw), its deadline passed, another request ended it
 * (`by` names that one), the container's program ended first, or a checkpoint saved it and ended its processes.
 */
export type FailureReason =
  | { readonly kind: 'failed'; readonly cause: unknown }
  | { readonly kind: 'deadline'; readonly state: string }
  | { readonly kind: 'overtaken'; readonly by: string }
  | { readonly kind: 'ended' }
  | { readonly kind: 'saved' };

export type Emitted = Reply | Failure | Trouble;

/** The reason that an invoked actor's error event carries. */
export function failedBy(event: { readonly type: string; readonly error?: unknown }): FailureReason {
  return { kind: 'failed', cause: event.error };
}
