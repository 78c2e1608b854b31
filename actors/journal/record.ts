import type { ActorKind, Observation } from '../../observation/types.ts';

/** Of the form of the records. One of another version is not replayed. */
export const journalVersion = 1;

/** What a sandbox's journal is made of. All times are milliseconds since the Unix epoch. */
export type JournalRecord = BeginRecord | ChartRecord | ForgottenRecord | ObservationRecord;

/** A supervisor begins to write: the first of a file, and whenever another has taken over. */
export interface BeginRecord {
  readonly type: 'begin';
  readonly at: number;
  readonly version: number;
  readonly sandbox: string;
  readonly supervisor: { readonly pid: number };
  /** How it hosts the sandbox, for whoever takes over: its own to read. */
  readonly host: unknown;
}

/** Where one chart is, and what it remembers beyond the requests under way, which end with their supervisor. */
export interface ChartRecord {
  readonly type: 'chart';
  readonly at: number;
  readonly kind: ActorKind;
  /** The sandbox's or the container's; that of a process is its container's. */
  readonly id: string;
  /** Of a process, in the container's own numbering. */
  readonly pid?: number;
  /** With the parts of a state, by dots: `pausing.draining`. */
  readonly path: string;
  readonly context: Readonly<Record<string, unknown>>;
  /** Of a container: what its state document tells beyond its chart. */
  readonly facts?: unknown;
}

/** Nothing is left of a container: its id is free. */
export interface ForgottenRecord {
  readonly type: 'forgotten';
  readonly at: number;
  readonly id: string;
}

/** As an observer is told. A `step` that begins is the intent, one that ends the outcome. */
export interface ObservationRecord {
  readonly type: 'observed';
  readonly what: Observation;
}
