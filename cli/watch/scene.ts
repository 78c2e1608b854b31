import { KnownSandbox } from '../../observation/known-sandbox.ts';
import type {
  AlarmObservation,
  CallObservation,
  Observation,
  SnapshotObservation,
  StepObservation,
  TransitionObservation,
} from '../../observation/types.ts';

/** One line of what happened. */
export interface Happening {
  readonly at: number;
  readonly text: string;
  /** `bad` of a failure, `busy` of what goes on. */
  readonly tone: 'plain' | 'busy' | 'bad';
}

/** So many are kept to be shown. */
const mostHappenings = 500;

/** What an observer knows of a sandbox: everything as it is, and the last of what happened. */
export class Scene {
  readonly #known = new KnownSandbox();
  readonly #happenings: Happening[] = [];

  /** Undefined before the first line. */
  get snapshot(): SnapshotObservation | undefined {
    return this.#known.snapshot;
  }

  /** The oldest first. */
  get happenings(): readonly Happening[] {
    return this.#happenings;
  }

  /** Takes what was told. Gives what there is to say of it, where there is anything. */
  take(observation: Observation): Happening | undefined {
    this.#known.take(observation);
    const happening = this.#apply(observation);
    if (happening === undefined) return undefined;
    this.#happenings.push(happening);
    if (this.#happenings.length > mostHappenings) this.#happenings.shift();
    return happening;
  }

  #apply(observation: Observation): Happening | undefined {
    switch (observation.type) {
      case 'snapshot':
        return undefined;
      case 'transition':
        return observation.from === observation.to ? undefined : transitionText(observation);
      case 'call':
        return callText(observation);
      case 'step':
        // Two lines for each call would hide what the calls are.
        return observation.phase === 'failed' ? stepText(observation) : undefined;
      case 'alarm':
        return { at: observation.at, text: alarmText(observation), tone: 'bad' };
      case 'note':
        return { at: observation.at, text: observation.text, tone: 'plain' };
      case 'dropped':
        return { at: observation.at, text: `${observation.count} were left out here`, tone: 'bad' };
    }
  }
}

export const alarmText = ({ phase, thing, waitsFor, duration, stack }: AlarmObservation): string =>
  phase === 'ended'
    ? `alarm over: ${thing}, after ${duration ?? 0} ms`
    : `ALARM ${thing}: ${waitsFor}${stack === undefined ? '' : ` (${stack.slice(0, 3).join(' < ')})`}`;

export function transitionText({ at, kind, id, from, to }: TransitionObservation): Happening {
  const text = `${kind} ${id}: ${from === '' ? '' : `${from} → `}${to}`;
  return {
    at,
    text,
    tone: to === 'leaking' ? 'bad' : /ing$/.test(to) && to !== 'running' ? 'busy' : 'plain',
  };
}

export function callText({ at, phase, method, duration, error }: CallObservation): Happening {
  if (phase === 'began') return { at, text: `→ ${method}`, tone: 'busy' };
  const how = phase === 'failed' ? `: ${error ?? 'failed'}` : '';
  return {
    at,
    text: `← ${method} after ${duration ?? 0} ms${how}`,
    tone: phase === 'failed' ? 'bad' : 'plain',
  };
}

function stepText({ at, name, id, error }: StepObservation): Happening {
  return {
    at,
    text: `the platform could not ${name}${id === '' ? '' : ` ${id}`}: ${error ?? ''}`,
    tone: 'bad',
  };
}
