import { performance } from 'node:perf_hooks';
import type { SandboxSystem } from '../actors/sandbox/sandbox-system.ts';

/** How long a sandbox's chart was in each state, by the names from the top down (`checkpointing.dumping`), in ms. */
export class Phases implements Disposable {
  readonly #ms = new Map<string, number>();
  readonly #stop: () => void;
  #state: string | undefined;
  #since = performance.now();

  constructor({ port }: SandboxSystem) {
    this.#state = nameOf(port.snapshot?.value);
    this.#stop = port.watch((snapshot) => {
      const now = performance.now();
      const state = nameOf(snapshot.value);
      if (state === this.#state) return;
      this.#add(now);
      this.#state = state;
      this.#since = now;
    });
  }

  /** All of them together. */
  of(...states: readonly string[]): number {
    return states.reduce((sum, state) => sum + (this.#ms.get(state) ?? 0), 0);
  }

  [Symbol.dispose](): void {
    this.#stop();
  }

  #add(now: number): void {
    if (this.#state === undefined) return;
    this.#ms.set(this.#state, (this.#ms.get(this.#state) ?? 0) + now - this.#since);
  }
}

function nameOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return undefined;
  const [entry] = Object.entries(value);
  return entry === undefined ? undefined : `${entry[0]}.${nameOf(entry[1]) ?? ''}`;
}
