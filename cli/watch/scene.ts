import type {
  CallObservation,
  Observation,
  ObservedContainer,
  SnapshotObservation,
  TransitionObservation,
} from '../../transport/client/index.ts';

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
  #snapshot: SnapshotObservation | undefined;
  readonly #happenings: Happening[] = [];

  /** Undefined before the first line. */
  get snapshot(): SnapshotObservation | undefined {
    return this.#snapshot;
  }

  /** The oldest first. */
  get happenings(): readonly Happening[] {
    return this.#happenings;
  }

  /** Takes what was told. Gives what there is to say of it, where there is anything. */
  take(observation: Observation): Happening | undefined {
    const happening = this.#apply(observation);
    if (happening === undefined) return undefined;
    this.#happenings.push(happening);
    if (this.#happenings.length > mostHappenings) this.#happenings.shift();
    return happening;
  }

  #apply(observation: Observation): Happening | undefined {
    switch (observation.type) {
      case 'snapshot':
        this.#snapshot = observation;
        return undefined;
      case 'transition':
        this.#move(observation);
        return transitionText(observation);
      case 'call':
        return callText(observation);
      case 'dropped':
        return { at: observation.at, text: `${observation.count} were left out here`, tone: 'bad' };
    }
  }

  #move({ kind, id, to, at }: TransitionObservation): void {
    const snapshot = this.#snapshot;
    if (snapshot === undefined) return;
    if (kind === 'sandbox') this.#snapshot = { ...snapshot, sandbox: { id, state: to, since: at } };
    else
      this.#snapshot = {
        ...snapshot,
        containers: kind === 'container' ? moved(snapshot, id, to, at) : movedProcess(snapshot, id, to, at),
      };
  }
}

function moved(
  { containers, sandbox }: SnapshotObservation,
  id: string,
  state: string,
  since: number,
): readonly ObservedContainer[] {
  if (state === 'destroyed') return containers.filter((one) => one.id !== id);
  const known = containers.find((one) => one.id === id);
  if (known === undefined)
    return [...containers, { id, state, since, isRoot: id === sandbox.id, processes: [] }];
  return containers.map((one) => (one === known ? { ...one, state, since } : one));
}

/** Of an id like `CONTAINER/PID`. One whose status was handed out is gone. */
function movedProcess(
  { containers }: SnapshotObservation,
  id: string,
  state: string,
  since: number,
): readonly ObservedContainer[] {
  const cid = id.slice(0, id.lastIndexOf('/'));
  return containers.map((one) => {
    if (one.id !== cid) return one;
    const others = one.processes.filter((process) => process.id !== id);
    return { ...one, processes: state === 'reaped' ? others : [...others, { id, state, since }] };
  });
}

function transitionText({ at, kind, id, from, to }: TransitionObservation): Happening {
  const text = `${kind} ${id}: ${from === '' ? '' : `${from} → `}${to}`;
  return {
    at,
    text,
    tone: to === 'leaking' ? 'bad' : /ing$/.test(to) && to !== 'running' ? 'busy' : 'plain',
  };
}

function callText({ at, phase, method, duration, error }: CallObservation): Happening {
  if (phase === 'began') return { at, text: `→ ${method}`, tone: 'busy' };
  const how = phase === 'failed' ? `: ${error ?? 'failed'}` : '';
  return {
    at,
    text: `← ${method} after ${duration ?? 0} ms${how}`,
    tone: phase === 'failed' ? 'bad' : 'plain',
  };
}
