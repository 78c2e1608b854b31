import type { AnyEventObject, AnyMachineSnapshot, AnyStateMachine } from 'xstate';

/** A chart to be looked at in all that it can come to, and what may happen to it. */
export interface Subject {
  readonly machine: AnyStateMachine;
  readonly input: unknown;
  /** Requests that are answered once, by a reply or a failure with their id. */
  readonly requests: (id: string) => readonly AnyEventObject[];
  /** Work inside a state: ended by `settled` with its id, and not answered by the chart. */
  readonly operations: (id: string) => readonly AnyEventObject[];
  /** What happens without anybody asking. */
  readonly facts: (snapshot: AnyMachineSnapshot) => readonly AnyEventObject[];
  /** Its end. */
  readonly destroy: (id: string) => AnyEventObject;
  /** Of what it remembers, that of which only whether it is there matters. */
  readonly forget: readonly string[];
}

/** So many requests are open at the same time at most: with two, one can overtake the other. */
export const ids = ['a', 'b'] as const;
