import type { SnapshotObservation, TransitionObservation } from '../../observation/types.ts';

export const snapshot: SnapshotObservation = {
  type: 'snapshot',
  at: 1000,
  sandbox: { id: 'web', state: 'running', path: 'running', since: 1000 },
  containers: [{ id: 'web', isRoot: true, state: 'running', path: 'running', since: 1000, processes: [] }],
  deadlines: { container: { pausing: 10_000 } },
};

type Kind = TransitionObservation['kind'];

let at = 1000;

/** One after the other, a millisecond apart. */
export function moved(
  kind: Kind,
  id: string,
  from: string,
  to: string,
  correlation?: string,
): TransitionObservation {
  at += 1;
  const edges = [{ from, to, event: 'e' }];
  return { type: 'transition', at, kind, id, from, to, path: to, edges, correlation };
}

export const begins = (kind: Kind, id: string, state: string): TransitionObservation => ({
  ...moved(kind, id, '', state),
  edges: [],
});
