/** The states that people see. Between them stand the charts' transient ones. */
export type PublicState =
  'creating' | 'created' | 'running' | 'paused' | 'checkpointed' | 'restored' | 'stopped' | 'destroyed';

const publicStates: Readonly<Record<string, PublicState>> = {
  registered: 'creating',
  opening: 'creating',
  empty: 'creating',
  creating: 'creating',
  created: 'created',
  starting: 'created',
  running: 'running',
  pausing: 'running',
  holding: 'running',
  paused: 'paused',
  resuming: 'paused',
  checkpointing: 'running',
  clearing: 'paused',
  checkpointed: 'checkpointed',
  restoring: 'created',
  restored: 'restored',
  ending: 'stopped',
  stopped: 'stopped',
  destroying: 'stopped',
  leaking: 'stopped',
  destroyed: 'destroyed',
};

/** True for the name of a state that people see. */
export function isPublicState(name: string): name is PublicState {
  return Object.hasOwn(publicStates, name) && publicStates[name] === name;
}

/** A chart's state as one word: `pausing` for `{ pausing: 'draining' }`. */
export function topState(value: string | Readonly<Record<string, unknown>>): string {
  return typeof value === 'string' ? value : (Object.keys(value)[0] ?? '');
}

/** A chart's state with its parts, by dots: `pausing.draining` for `{ pausing: 'draining' }`. */
export function statePath(value: string | Readonly<Record<string, unknown>>): string {
  if (typeof value === 'string') return value;
  const [[top, inner] = ['', undefined]] = Object.entries(value);
  return isValue(inner) ? `${top}.${statePath(inner)}` : top;
}

const isValue = (value: unknown): value is string | Readonly<Record<string, unknown>> =>
  typeof value === 'string' || (typeof value === 'object' && value !== null);

/**
 * The public state that a container's or a sandbox's chart is in. A transient state counts as the one that was
 * left, until the work is done.
 * @throws Error for a state that no chart has: a fault of ours.
 */
export function publicState(value: string | Readonly<Record<string, unknown>>): PublicState {
  const top = topState(value);
  const state = publicStates[top];
  if (state === undefined) throw new Error(`no public state for the chart's state ${JSON.stringify(top)}`);
  return state;
}
