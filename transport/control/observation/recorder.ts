import type { SandboxSystem } from '../../../actors/sandbox/sandbox-system.ts';
import { snapshotOf } from '../../../actors/sandbox/snapshot.ts';
import { alarmObservation } from '../../../actors/watchdog/alarms.ts';
import { messageOf } from '../../../errors/index.ts';
import { KnownSandbox } from '../../../observation/known-sandbox.ts';
import { isLook } from '../../../observation/looks.ts';
import type { Observation, SnapshotObservation } from '../../../observation/types.ts';
import type { CallObservers } from '../../server/index.ts';

/** So much of what happened is kept, for observers that come later. */
const mostKept = 1000;

/** What no other writes into the journal. */
const ours: ReadonlySet<string> = new Set(['call', 'note', 'alarm']);

/** What observers themselves ask. */
const observers: ReadonlySet<string> = new Set(['runstate.Observe', 'runstate.Inspect', 'runstate.Note']);

/**
 * What happens in one sandbox, as it is told to observers: keeps the last of it, and passes it on. What is asked by
 * observers themselves is left out.
 */
export class Recorder implements Disposable {
  readonly #system: SandboxSystem;
  /** As all was before what is kept. */
  readonly #before: KnownSandbox;
  #kept: Observation[] = [];
  #oldest = 0;
  readonly #followers = new Set<(observation: Observation) => void>();
  readonly #enders = new Set<() => void>();
  #isOver = false;
  readonly #stops: readonly (() => void)[];

  constructor(system: SandboxSystem, calls: CallObservers) {
    this.#system = system;
    const { past } = system;
    const [first] = past;
    this.#before = new KnownSandbox(first?.type === 'snapshot' ? first : snapshotOf(system));
    // What happened under the supervisor before, and what has become of it.
    for (const one of past.slice(1)) this.#keep(one);
    if (first !== undefined) this.#keep(snapshotOf(system));
    // Once, for all: what is hung on a promise that lives as long as the sandbox stays there as long.
    void system.destroyed.then(() => {
      this.#isOver = true;
      for (const end of this.#enders) end();
    });
    this.#stops = [
      system.observe((transition) => this.#add({ type: 'transition', ...transition })),
      system.observeSteps(({ error, ...step }) =>
        this.#add({ type: 'step', ...step, ...(error === undefined ? {} : { error: inShort(error) }) }),
      ),
      system.alarms.observe((news) => this.#add(alarmObservation(news))),
      calls.add({
        began: ({ method, requestId: correlation }) => {
          if (!observers.has(method))
            this.#add({ type: 'call', at: Date.now(), phase: 'began', method, correlation });
        },
        ended: ({ method, requestId: correlation, duration, error }) => {
          if (observers.has(method)) return;
          const phase = error === undefined ? 'succeeded' : 'failed';
          const more = error === undefined ? {} : { error: inShort(messageOf(error)) };
          this.#add({ type: 'call', at: Date.now(), phase, method, correlation, duration, ...more });
        },
      }),
    ];
  }

  /** All charts as they are now. */
  now(): SnapshotObservation {
    return snapshotOf(this.#system);
  }

  /** What is kept, the oldest first: a snapshot, and what happened since. */
  history(): readonly Observation[] {
    const { snapshot } = this.#before;
    const kept = [...this.#kept.slice(this.#oldest), ...this.#kept.slice(0, this.#oldest)];
    return snapshot === undefined ? kept : [snapshot, ...kept];
  }

  /** Calls back with what happens from now on. Returns what ends it. */
  follow(callback: (observation: Observation) => void): () => void {
    this.#followers.add(callback);
    return () => {
      this.#followers.delete(callback);
    };
  }

  /** Calls back when the sandbox is gone. Returns what ends it. */
  onEnd(callback: () => void): () => void {
    this.#enders.add(callback);
    if (this.#isOver) callback();
    return () => {
      this.#enders.delete(callback);
    };
  }

  note(text: string): void {
    this.#add({ type: 'note', at: Date.now(), text });
  }

  [Symbol.dispose](): void {
    for (const stop of this.#stops) stop();
  }

  #add(observation: Observation): void {
    if (observation.type !== 'call' || !isLook(observation.method)) {
      this.#keep(observation);
      // The others are in the journal already, by whom they happened to.
      if (ours.has(observation.type)) this.#system.record(observation);
    }
    for (const follow of this.#followers) follow(observation);
  }

  #keep(observation: Observation): void {
    const oldest = this.#kept[this.#oldest];
    if (this.#kept.length < mostKept || oldest === undefined) this.#kept.push(observation);
    else {
      this.#before.take(oldest);
      this.#kept[this.#oldest] = observation;
      this.#oldest = (this.#oldest + 1) % mostKept;
    }
  }
}

/** What is kept is to have its bounds: a message may tell as much as whoever asked has sent. */
const inShort = (text: string): string => (text.length <= longest ? text : `${text.slice(0, longest)}…`);
const longest = 1000;
