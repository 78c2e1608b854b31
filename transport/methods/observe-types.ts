/** What an observer of a sandbox is told, a line of JSON each. */
export type Observation =
  | SnapshotObservation
  | TransitionObservation
  | CallObservation
  /** So many were left out, as the observer did not read. */
  | { readonly type: 'dropped'; readonly at: number; readonly count: number };

/** All charts as they are when the observer comes, and again after some were left out. */
export interface SnapshotObservation {
  readonly type: 'snapshot';
  /** Milliseconds since the Unix epoch, as all times here. */
  readonly at: number;
  readonly sandbox: ObservedActor;
  readonly containers: readonly ObservedContainer[];
}

export interface ObservedActor {
  readonly id: string;
  /** Of its chart. */
  readonly state: string;
  readonly since: number;
}

export interface ObservedContainer extends ObservedActor {
  readonly isRoot: boolean;
  /** Those that execs started, by their pids in the container. */
  readonly processes: readonly ObservedActor[];
}

export interface TransitionObservation {
  readonly type: 'transition';
  readonly at: number;
  /** `sandbox`, `container` or `process`; the id of a process is `CONTAINER/PID`. */
  readonly kind: string;
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /** The request that it came by, where there is one. */
  readonly correlation?: string | undefined;
}

export interface CallObservation {
  readonly type: 'call';
  readonly at: number;
  readonly phase: 'began' | 'succeeded' | 'failed';
  readonly method: string;
  /** The same in its transitions. */
  readonly correlation: string;
  /** Milliseconds, of one that has ended. */
  readonly duration?: number | undefined;
  /** Of one that failed. */
  readonly error?: string | undefined;
}
