/** What an observer of a sandbox is told, a line of JSON each. All times are milliseconds since the Unix epoch. */
export type Observation =
  | SnapshotObservation
  | TransitionObservation
  | CallObservation
  | StepObservation
  | AlarmObservation
  /** Somebody wants something to be seen beside what happens, as an inspector that is about to ask for a change. */
  | { readonly type: 'note'; readonly at: number; readonly text: string }
  /** So many were left out, as the observer did not read. */
  | { readonly type: 'dropped'; readonly at: number; readonly count: number };

export type ActorKind = 'sandbox' | 'container' | 'process';

/** All charts as they are when the observer comes, and again after some were left out. */
export interface SnapshotObservation {
  readonly type: 'snapshot';
  readonly at: number;
  readonly sandbox: ObservedActor;
  readonly containers: readonly ObservedContainer[];
  /** By kind of chart and state: how long that may last, in ms. */
  readonly deadlines?: Readonly<Record<string, Readonly<Record<string, number>>>> | undefined;
  /** Those that have begun and are not over, the oldest first. */
  readonly alarms?: readonly Alarm[] | undefined;
}

/**
 * `event-loop`: the supervisor's has not turned. `overdue`: a chart, a request or work inside a state is past its
 * deadline. `platform`: a call to the platform has not settled, though it was told to stop, or has no end of its own.
 */
export type AlarmKind = 'event-loop' | 'overdue' | 'platform';

/** Something that should have happened by now, and has not. */
export interface Alarm {
  /** The same of its beginning and its end, and of no other of the sandbox. */
  readonly number: number;
  readonly kind: AlarmKind;
  /** Of what: `container "c1"`, `exec in container "c1"`. */
  readonly thing: string;
  /** When what it is about began. */
  readonly since: number;
  /** In words. */
  readonly waitsFor: string;
  /** Of an event loop, where that could be had: the JavaScript functions that block it, the innermost first. */
  readonly stack?: readonly string[] | undefined;
}

/** Told once when it begins and once when it is over. */
export interface AlarmObservation extends Alarm {
  readonly type: 'alarm';
  readonly at: number;
  readonly phase: 'began' | 'ended';
  /** From `since` on, in ms, of one that is over. */
  readonly duration?: number | undefined;
}

export interface ObservedActor {
  readonly id: string;
  /** Of its chart. */
  readonly state: string;
  /** The same with the parts of a state, by dots: `pausing.draining`. */
  readonly path?: string | undefined;
  readonly since: number;
}

export interface ObservedContainer extends ObservedActor {
  readonly isRoot: boolean;
  /** Those that execs started, by their pids in the container. */
  readonly processes: readonly ObservedActor[];
}

/** A chart has moved: to another state, or, when `from` is `to`, to another part of it. */
export interface TransitionObservation {
  readonly type: 'transition';
  readonly at: number;
  readonly kind: ActorKind;
  /** That of a process is `CONTAINER/PID`. */
  readonly id: string;
  /** "" of one that has just been made. */
  readonly from: string;
  readonly to: string;
  readonly path: string;
  /** The edges of the chart that were taken, one after the other. */
  readonly edges: readonly TakenEdge[];
  /** The request that it came by, where there is one. */
  readonly correlation?: string | undefined;
}

export interface TakenEdge {
  /** Paths of states; `*` for what is taken in all of them. */
  readonly from: string;
  readonly to: string;
  /** As XState names it: `pause`, `xstate.done.actor.freeze`; "" for what is taken at once. */
  readonly event: string;
}

export interface CallObservation {
  readonly type: 'call';
  readonly at: number;
  readonly phase: 'began' | 'succeeded' | 'failed';
  readonly method: string;
  /** The same in its transitions and steps. */
  readonly correlation: string;
  /** Milliseconds, of one that has ended. */
  readonly duration?: number | undefined;
  /** Of one that failed. */
  readonly error?: string | undefined;
}

/** Something that the platform does. */
export interface StepObservation {
  readonly type: 'step';
  readonly at: number;
  readonly phase: 'began' | 'succeeded' | 'failed';
  /** The same of its beginning and its end, and of no other of the sandbox. */
  readonly number: number;
  /** `create`, `freeze`, …: the platform's method. */
  readonly name: string;
  /** A container; "" for what is done to the sandbox as a whole. */
  readonly id: string;
  readonly correlation?: string | undefined;
  readonly duration?: number | undefined;
  readonly error?: string | undefined;
}
