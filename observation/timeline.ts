import type { CallObservation, Observation, StepObservation, TransitionObservation } from './types.ts';

/** One call, with what came of it. */
export interface Span {
  readonly type: 'span';
  /** Of its beginning, in the recording. */
  readonly number: number;
  readonly correlation: string;
  readonly method: string;
  readonly at: number;
  /** The number and time of the last of it so far. */
  last: number;
  until: number;
  /** `unknown`: how it ended was left out. */
  outcome: 'under way' | 'succeeded' | 'failed' | 'unknown';
  /** In ms, of one that has ended. */
  duration?: number | undefined;
  error?: string | undefined;
  /** In the order in which they happened. */
  readonly parts: (TransitionObservation | StepObservation)[];
}

/** Something that nobody's call did: a process that ended, a deadline, an alarm, a note. */
export interface Moment {
  readonly type: 'moment';
  readonly number: number;
  readonly at: number;
  readonly observation: Observation;
}

export type Row = Span | Moment;

/** What happened, with what belongs to one call put together. The oldest first. */
export class Timeline {
  #rows: Row[] = [];
  readonly #open = new Map<string, Span>();

  get rows(): readonly Row[] {
    return this.#rows;
  }

  /** @param number of the observation in its recording */
  take(observation: Observation, number: number): void {
    if (observation.type === 'call') this.#takeCall(observation, number);
    else if (observation.type === 'transition' || observation.type === 'step')
      this.#takePart(observation, number);
    else if (['note', 'alarm', 'dropped'].includes(observation.type))
      this.#rows.push({ type: 'moment', number, at: observation.at, observation });
    if (observation.type === 'dropped') this.#loseOpen();
  }

  /** Their ends may be among what was left out. */
  #loseOpen(): void {
    for (const span of this.#open.values()) span.outcome = 'unknown';
    this.#open.clear();
  }

  /** Rows that were over before the observation of that number are let go. */
  letGo(number: number): void {
    this.#rows = this.#rows.filter((row) =>
      row.type === 'span' ? row.outcome === 'under way' || row.last >= number : row.number >= number,
    );
  }

  #takeCall({ phase, method, correlation, at, duration, error }: CallObservation, number: number): void {
    if (phase === 'began') {
      const times = { number, at, last: number, until: at };
      const span: Span = { type: 'span', ...times, correlation, method, outcome: 'under way', parts: [] };
      this.#open.set(correlation, span);
      this.#rows.push(span);
      return;
    }
    // Of one that is not open here the beginning was before anybody watched, or what is between was left out.
    const span =
      this.#open.get(correlation) ??
      this.#rows.findLast(
        (row): row is Span =>
          row.type === 'span' && row.outcome === 'unknown' && row.correlation === correlation,
      );
    if (span === undefined) return;
    this.#open.delete(correlation);
    Object.assign(span, { outcome: phase, duration, error, last: number, until: at });
  }

  #takePart(part: TransitionObservation | StepObservation, number: number): void {
    const span = this.#open.get(part.correlation ?? '');
    // A chart names the request that was put to it last, also when it has been answered long since.
    if (span !== undefined) {
      span.parts.push(part);
      Object.assign(span, { last: number, until: part.at });
    } else if (part.type === 'transition' || part.phase === 'failed')
      this.#rows.push({ type: 'moment', number, at: part.at, observation: part });
  }
}
