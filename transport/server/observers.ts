/** Who wants to know of calls as they begin and end. */
import type { MethodName } from '../methods/index.ts';

export interface CallBegan {
  readonly method: MethodName;
  readonly requestId: string;
}

export interface CallEnded extends CallBegan {
  /** In ms. */
  readonly duration: number;
  /** Undefined when it succeeded. */
  readonly error: unknown;
}

export interface CallObserver {
  began(call: CallBegan): void;
  ended(call: CallEnded): void;
}

/** Costs nothing while there is none. */
export class CallObservers {
  readonly #observers = new Set<CallObserver>();

  /** Returns what ends it. */
  add(observer: CallObserver): () => void {
    this.#observers.add(observer);
    return () => {
      this.#observers.delete(observer);
    };
  }

  began(call: CallBegan): void {
    for (const observer of this.#observers) observer.began(call);
  }

  ended(call: CallBegan, duration: number, error: unknown): void {
    if (this.#observers.size === 0) return;
    const { method, requestId } = call;
    for (const observer of this.#observers) observer.ended({ method, requestId, duration, error });
  }
}
