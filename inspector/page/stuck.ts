import type { ObservedActor, SnapshotObservation } from '../../observation/types.ts';

/**
 * By how many ms a chart is past the deadline of the state that it is in; undefined while it is not. A state that has
 * ended in time is left by its deadline: one that is still there has an event loop that does not turn.
 */
export function pastDeadline(
  { deadlines }: SnapshotObservation,
  kind: string,
  { state, since }: ObservedActor,
  now: number,
): number | undefined {
  const limit = deadlines?.[kind]?.[state];
  if (limit === undefined) return undefined;
  const past = now - since - limit;
  return past > 0 ? past : undefined;
}
