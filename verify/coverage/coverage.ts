import type { Transition } from '../../actors/port/port.ts';

/** How often each edge of each chart was taken, by its kind; an edge as `from → to on event`. */
export class Coverage {
  readonly #taken = new Map<string, Map<string, number>>();

  take({ kind, edges }: Transition): void {
    const counts = this.#taken.get(kind) ?? new Map<string, number>();
    this.#taken.set(kind, counts);
    for (const { from, to, event } of edges) {
      const name = `${from} → ${to} on ${event}`;
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }

  /** Different edges of a chart. */
  count(kind: string): number {
    return this.#taken.get(kind)?.size ?? 0;
  }

  /** How often one state of a chart led to another, by its paths, or states above them, as the drawings name them. */
  between(kind: string, from: string, to: string): number {
    let sum = 0;
    for (const [name, count] of this.#taken.get(kind) ?? []) {
      const [, a = '', b = ''] = /^(.*) → (.*) on /.exec(name) ?? [];
      if (isIn(a, from) && isIn(b, to)) sum += count;
    }
    return sum;
  }
}

const isIn = (path: string, state: string): boolean => path === state || path.startsWith(`${state}.`);
