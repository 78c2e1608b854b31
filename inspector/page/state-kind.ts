/** How a state is shown: the charts' own kinds would say the same, but are not sent with every row. */
const stable: ReadonlySet<string> = new Set([
  ...['registered', 'empty', 'created', 'running', 'paused', 'checkpointed', 'restored', 'stopped'],
  ...['destroyed', 'ended', 'reaped'],
]);

export type StateKind = 'stable' | 'busy' | 'bad';

export function stateKind(state: string): StateKind {
  if (state === 'leaking') return 'bad';
  return stable.has(state) ? 'stable' : 'busy';
}
