import { RunstateError } from '../../errors/index.ts';

export interface Refused {
  readonly kind: string;
  readonly id: string;
  readonly verb: string;
  readonly state: string;
  readonly unstarted: boolean;
}

/** What only a program that has been started can be asked; the original says `not started` of the others. */
const needsProgram = new Set(['wait', 'exec', 'signal', 'inspect']);

/**
 * Why a request that the chart does not take now is refused. Signals say it in runc's words: engines
 * look for them to tell a container that has ended from other errors (containerd's checkKillError).
 */
export function refusal({ kind, id, verb, state, unstarted }: Refused): RunstateError {
  if (unstarted && needsProgram.has(verb)) return new RunstateError('CONTAINER_NOT_STARTED', { id });
  return new RunstateError('WRONG_STATE', {
    kind,
    id,
    verb: phrase(verb),
    state,
    ...(verb === 'signal' ? { why: 'container not running' } : {}),
  });
}

const phrases: Readonly<Record<string, string>> = {
  exec: 'exec in',
  wait: 'wait for',
  suspend: 'pause',
  network: 'set up the network of',
};

/** `create a container in` for the event `container.create`, which a sandbox is asked. */
export function phrase(verb: string): string {
  return verb.startsWith('container.')
    ? `${verb.slice('container.'.length)} a container in`
    : (phrases[verb] ?? verb);
}
