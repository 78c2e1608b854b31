import type {
  Alarm,
  AlarmObservation,
  Observation,
  ObservedActor,
  ObservedContainer,
  SnapshotObservation,
  TransitionObservation,
} from './types.ts';

interface KnownContainer extends ObservedActor {
  readonly isRoot: boolean;
  readonly processes: Map<string, ObservedActor>;
}

/** A sandbox as its observations tell it: everything as it is after the last one that was taken. */
export class KnownSandbox {
  #at = 0;
  #sandbox: ObservedActor | undefined;
  #deadlines: SnapshotObservation['deadlines'];
  readonly #containers = new Map<string, KnownContainer>();
  readonly #alarms = new Map<number, Alarm>();

  constructor(snapshot?: SnapshotObservation) {
    if (snapshot !== undefined) this.take(snapshot);
  }

  /** Undefined before the first snapshot. */
  get snapshot(): SnapshotObservation | undefined {
    const sandbox = this.#sandbox;
    if (sandbox === undefined) return undefined;
    const containers = [...this.#containers.values()].map((one): ObservedContainer => ({
      ...one,
      processes: [...one.processes.values()],
    }));
    const alarms = this.#alarms.size === 0 ? {} : { alarms: [...this.#alarms.values()] };
    return { type: 'snapshot', at: this.#at, sandbox, containers, deadlines: this.#deadlines, ...alarms };
  }

  /** What is of neither charts nor alarms, or of ones that it does not know, changes nothing. */
  take(observation: Observation): void {
    this.#at = observation.at;
    if (observation.type === 'snapshot') this.#begin(observation);
    else if (observation.type === 'transition' && this.#sandbox !== undefined) this.#move(observation);
    else if (observation.type === 'alarm') this.#alarm(observation);
  }

  #alarm({ phase, number, kind, thing, since, waitsFor, stack }: AlarmObservation): void {
    if (phase === 'ended') this.#alarms.delete(number);
    else this.#alarms.set(number, { number, kind, thing, since, waitsFor, stack });
  }

  #begin({ sandbox, containers, deadlines, alarms = [] }: SnapshotObservation): void {
    this.#sandbox = sandbox;
    this.#deadlines = deadlines;
    this.#containers.clear();
    this.#alarms.clear();
    for (const one of alarms) this.#alarms.set(one.number, one);
    for (const one of containers)
      this.#containers.set(one.id, {
        ...one,
        processes: new Map(one.processes.map((process) => [process.id, process])),
      });
  }

  #move({ kind, id, from, to: state, path, at }: TransitionObservation): void {
    const before = this.#find(kind, id);
    const moved = { id, state, path, since: from === state ? (before?.since ?? at) : at };
    if (kind === 'sandbox') this.#sandbox = moved;
    else if (kind === 'container') this.#moveContainer(moved);
    else this.#moveProcess(moved);
  }

  #find(kind: string, id: string): ObservedActor | undefined {
    if (kind === 'sandbox') return this.#sandbox;
    if (kind === 'container') return this.#containers.get(id);
    return this.#containers.get(containerOf(id))?.processes.get(id);
  }

  #moveContainer(moved: ObservedActor): void {
    const { id, state } = moved;
    if (state === 'destroyed') {
      this.#containers.delete(id);
      return;
    }
    const { isRoot, processes } = this.#containers.get(id) ?? {
      isRoot: id === this.#sandbox?.id,
      processes: new Map<string, ObservedActor>(),
    };
    this.#containers.set(id, { ...moved, isRoot, processes });
  }

  /** One whose status was handed out is gone. */
  #moveProcess(moved: ObservedActor): void {
    const processes = this.#containers.get(containerOf(moved.id))?.processes;
    if (moved.state === 'reaped') processes?.delete(moved.id);
    else processes?.set(moved.id, moved);
  }
}

const containerOf = (process: string): string => process.slice(0, process.lastIndexOf('/'));
