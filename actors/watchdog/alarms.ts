import type { Alarm, AlarmKind, AlarmObservation } from '../../observation/types.ts';

/** An alarm that begins or is over. */
export interface AlarmNews {
  readonly phase: 'began' | 'ended';
  readonly alarm: Alarm;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
}

/** The same as it is told to observers. */
export const alarmObservation = ({ phase, alarm, at }: AlarmNews): AlarmObservation => ({
  ...{ type: 'alarm', at, phase, ...alarm },
  ...(phase === 'ended' ? { duration: at - alarm.since } : {}),
});

/** The alarms of one sandbox: those that last, and how many there have been. Empty unless a watchdog watches it. */
export class Alarms {
  readonly #current = new Map<number, Alarm>();
  readonly #counts = new Map<AlarmKind, number>();
  readonly #observers = new Set<(news: AlarmNews) => void>();
  #last = 0;

  /** The oldest first. */
  get current(): readonly Alarm[] {
    return [...this.#current.values()];
  }

  /** How many have begun so far. */
  count(kind: AlarmKind): number {
    return this.#counts.get(kind) ?? 0;
  }

  /** @param at milliseconds since the Unix epoch */
  begin(what: Omit<Alarm, 'number'>, at: number): Alarm {
    const alarm = { ...what, number: ++this.#last };
    this.#current.set(alarm.number, alarm);
    this.#counts.set(alarm.kind, this.count(alarm.kind) + 1);
    this.#tell({ phase: 'began', alarm, at });
    return alarm;
  }

  /** Once: one that is over is over. @param at milliseconds since the Unix epoch */
  end(alarm: Alarm, at: number): void {
    if (this.#current.delete(alarm.number)) this.#tell({ phase: 'ended', alarm, at });
  }

  /** Calls back with each that begins or ends from now on. Returns what ends it. */
  observe(callback: (news: AlarmNews) => void): () => void {
    this.#observers.add(callback);
    return () => {
      this.#observers.delete(callback);
    };
  }

  #tell(news: AlarmNews): void {
    for (const observer of this.#observers) observer(news);
  }
}
