/**
 * How long each transient state may last, in milliseconds: the charts' delays, and the limits of work inside a
 * state. Generous, for a small busy machine: they end what would hang, they do not hurry what is slow.
 * A sandbox's are longer than a container's, so that the inner one tells what went wrong.
 */
export interface Deadlines {
  readonly container: {
    readonly creating: number;
    readonly starting: number;
    readonly pausing: number;
    readonly holding: number;
    readonly resuming: number;
    readonly restoring: number;
    readonly destroying: number;
  };
  readonly sandbox: {
    readonly opening: number;
    readonly empty: number;
    readonly creating: number;
    readonly starting: number;
    readonly pausing: number;
    readonly resuming: number;
    readonly checkpointing: number;
    readonly clearing: number;
    readonly restoring: number;
    readonly ending: number;
    readonly destroying: number;
  };
  readonly operation: {
    readonly exec: number;
    readonly signal: number;
    readonly inspect: number;
    readonly network: number;
  };
}

export const defaultDeadlines: Deadlines = {
  container: {
    creating: 60_000,
    starting: 30_000,
    pausing: 10_000,
    holding: 10_000,
    resuming: 10_000,
    restoring: 620_000,
    destroying: 60_000,
  },
  sandbox: {
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
  operation: { exec: 30_000, signal: 10_000, inspect: 10_000, network: 30_000 },
};
